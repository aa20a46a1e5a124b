using System.Net;
using System.Net.Sockets;
using System.Text;
using Orchestrator.Tests.Kit;

namespace Orchestrator.Tests.Conformance.Network;

/// <summary>Services of UDP and SCTP, by packets.</summary>
[Collection(NetworkHost.Name)]
public sealed class DatagramsSpec(NetworkHost host)
{
    private static readonly TimeSpan Bound = TimeSpan.FromSeconds(30);

    [RootFact]
    public async Task A_sender_that_goes_on_from_one_port_reaches_whoever_is_there()
    {
        var address = (string)(await host.ServiceAsync("flow", """{ "selector": { "app": "flow" }, "ports": [ { "port": 53, "targetPort": 8080, "protocol": "UDP" } ] }"""))["spec"]!["clusterIP"]!;
        using var flow = await (await host.SpaceAsync(NetworkHost.Client)).OpenAsync(SocketType.Dgram, ProtocolType.Udp);
        await flow.ConnectAsync(IPAddress.Parse(address), 53);
        Assert.Equal("", await SendAsync(flow));

        await host.WebAsync("flow-1", "flow");
        using var one = await (await host.SpaceAsync("flow-1")).EchoAsync(8080, "flow-1");
        await ComesFromAsync(flow, "flow-1");
        await host.WebAsync("flow-2", "flow");
        using var two = await (await host.SpaceAsync("flow-2")).EchoAsync(8080, "flow-2");
        await host.DeleteAsync("pods", "flow-1");
        await ComesFromAsync(flow, "flow-2");
        await host.DeleteAsync("pods", "flow-2");
    }

    [RootFact]
    public async Task A_client_of_a_service_with_affinity_stays_with_one_pod()
    {
        using var one = await (await host.SpaceAsync("web-1")).EchoAsync(8084, "web-1");
        using var two = await (await host.SpaceAsync("web-2")).EchoAsync(8084, "web-2");
        var address = (string)(await host.ServiceAsync("sticky-datagrams", """
            { "sessionAffinity": "ClientIP", "selector": { "app": "web" }, "ports": [ { "port": 53, "targetPort": 8084, "protocol": "UDP" } ] }
            """))["spec"]!["clusterIP"]!;
        var (client, said) = (await host.SpaceAsync(NetworkHost.Client), "");
        await Poll.UntilAsync(async () => NetworkHost.Web.Contains(said = await client.SayAsync(address, 53)), Bound, () => $"one pod answers, and not {said}");
        Assert.Equal(said, await client.SayOftenAsync(address, 53));
        await host.PatchAsync("sticky-datagrams", """{ "sessionAffinity": "None" }""");
        await Poll.UntilAsync(async () => (said = await client.SayOftenAsync(address, 53)) == "web-1 web-2", Bound, () => $"both answer, and not {said}");
    }

    [RootFact]
    public async Task Sctp_is_led_to_the_pods_too()
    {
        using var one = await SctpPeer.AnswerAsync(await host.SpaceAsync("web-1"), 8085, 1);
        using var two = await SctpPeer.AnswerAsync(await host.SpaceAsync("web-2"), 8085, 2);
        var spec = (await host.ServiceAsync("sctp", """{ "type": "NodePort", "selector": { "app": "web" }, "ports": [ { "port": 80, "targetPort": 8085, "protocol": "SCTP" } ] }"""))["spec"]!;
        var client = await host.SpaceAsync(NetworkHost.Client);
        foreach (var (address, port) in new[] { ((string)spec["clusterIP"]!, 80), (host.NodeAddress, (int)spec["ports"]![0]!["nodePort"]!) })
        {
            var seen = new SortedSet<uint>();
            await Poll.UntilAsync(async () =>
            {
                if (await SctpPeer.AskAsync(client, address, port) is { } number)
                {
                    seen.Add(number);
                }

                return seen.SetEquals([1, 2]);
            }, Bound, () => $"both answer at {address}, and not {string.Join(", ", seen)}");
        }
    }

    private static async Task ComesFromAsync(Socket flow, string pod)
    {
        var said = "";
        await Poll.UntilAsync(async () => (said = await SendAsync(flow)) == pod, Bound, () => $"{pod} answers, and not \"{said}\"");
    }

    // The answer to one datagram; empty if there is none.
    private static async Task<string> SendAsync(Socket flow)
    {
        using var bound = new CancellationTokenSource(TimeSpan.FromSeconds(1));
        var buffer = new byte[64];
        try
        {
            await flow.SendAsync("?"u8.ToArray(), bound.Token);
            return Encoding.ASCII.GetString(buffer, 0, await flow.ReceiveAsync(buffer, bound.Token));
        }
        catch (SocketException e) when (e.SocketErrorCode == SocketError.ConnectionRefused)
        {
            return "";
        }
        catch (OperationCanceledException)
        {
            return "";
        }
    }
}
