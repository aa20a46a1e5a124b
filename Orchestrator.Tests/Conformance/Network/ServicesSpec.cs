using Orchestrator.Tests.Kit;

namespace Orchestrator.Tests.Conformance.Network;

/// <summary>Services lead to the pods that they select, by each of their ports and protocols.</summary>
[Collection(NetworkHost.Name)]
public sealed class ServicesSpec(NetworkHost host)
{
    private const string Refused = "refused";
    private const string Web = """ "selector": { "app": "web" } """;

    [RootFact]
    [Conformance("Services should be able to create a functioning NodePort service")]
    public async Task A_port_of_the_node_leads_to_the_service()
    {
        var spec = (await host.ServiceAsync("by-node-port", $$"""{ "type": "NodePort", {{Web}}, "ports": [ { "port": 80, "targetPort": 8080 } ] }"""))["spec"]!;
        foreach (var address in (string[])["by-node-port", (string)spec["clusterIP"]!, $"{host.NodeAddress}:{spec["ports"]![0]!["nodePort"]}"])
        {
            await host.AnswersAsync(NetworkHost.Client, address, "web-1 web-2");
            await host.AnswersAsync("web-1", address, "web-1 web-2");
        }

        await host.AnswersAsync(NetworkHost.OnNode, $"{host.NodeAddress}:{spec["ports"]![0]!["nodePort"]}", "web-1 web-2");
    }

    [RootFact]
    [Conformance("Services should serve a basic endpoint from pods")]
    public async Task Endpoints_come_and_go_with_their_pods()
    {
        await host.ServiceAsync("basic", """{ "selector": { "app": "basic" }, "ports": [ { "port": 80, "targetPort": 8080 } ] }""");
        await EndpointsAreAsync("basic");
        await host.WebAsync("basic-1", "basic");
        await EndpointsAreAsync("basic", ("basic-1", 8080));
        await host.AnswersAsync(NetworkHost.Client, "basic", "basic-1");
        await host.WebAsync("basic-2", "basic");
        await EndpointsAreAsync("basic", ("basic-1", 8080), ("basic-2", 8080));
        await host.AnswersAsync(NetworkHost.Client, "basic", "basic-1 basic-2");
        await host.DeleteAsync("pods", "basic-1");
        await EndpointsAreAsync("basic", ("basic-2", 8080));
        await host.AnswersAsync(NetworkHost.Client, "basic", "basic-2");
        await host.DeleteAsync("pods", "basic-2");
        await EndpointsAreAsync("basic");
        await host.AnswersAsync(NetworkHost.Client, "basic", "none", times: 1);
    }

    [RootFact]
    [Conformance("Services should serve multiport endpoints from pods")]
    public async Task Each_port_leads_to_the_pods_that_have_it()
    {
        await host.ServiceAsync("ports", """{ "selector": { "app": "ports" }, "ports": [ { "name": "one", "port": 80, "targetPort": "first" }, { "name": "two", "port": 81, "targetPort": "second" } ] }""");
        await EndpointsAreAsync("ports");
        await host.WebAsync("ports-1", "ports", ports: """{ "name": "first", "containerPort": 8080 }""");
        await EndpointsAreAsync("ports", ("ports-1", 8080));
        await host.WebAsync("ports-2", "ports", ports: """{ "name": "second", "containerPort": 8081 }""");
        await EndpointsAreAsync("ports", ("ports-1", 8080), ("ports-2", 8081));
        await host.AnswersAsync(NetworkHost.Client, "ports:80", "ports-1");
        await host.AnswersAsync(NetworkHost.Client, "ports:81", "ports-2");
        await host.DeleteAsync("pods", "ports-1");
        await EndpointsAreAsync("ports", ("ports-2", 8081));
        await host.AnswersAsync(NetworkHost.Client, "ports:80", "none", times: 1);
        await host.AnswersAsync(NetworkHost.Client, "ports:81", "ports-2");
        await host.DeleteAsync("pods", "ports-2");
        await EndpointsAreAsync("ports");
    }

    [RootFact]
    [Conformance("Services should serve endpoints on same port and different protocols")]
    public async Task A_port_may_be_one_of_streams_and_one_of_datagrams()
    {
        const string Tcp = """{ "name": "streams", "port": 80, "targetPort": 8080 }""";
        const string Udp = """{ "name": "datagrams", "port": 80, "targetPort": 8080, "protocol": "UDP" }""";
        var client = await host.SpaceAsync(NetworkHost.Client);
        using var one = await (await host.SpaceAsync("web-1")).EchoAsync(8080, "web-1");
        using var two = await (await host.SpaceAsync("web-2")).EchoAsync(8080, "web-2");
        var spec = (await host.ServiceAsync("both", $$"""{ "type": "NodePort", {{Web}}, "ports": [ {{Tcp}}, {{Udp}} ] }"""))["spec"]!;
        var (address, nodePort) = ((string)spec["clusterIP"]!, (int)spec["ports"]![1]!["nodePort"]!);
        await EndpointsAreAsync("both", ("web-1", 8080), ("web-1", 8080), ("web-2", 8080), ("web-2", 8080));
        await host.AnswersAsync(NetworkHost.Client, "both", "web-1 web-2");
        await SaysAsync(client, address, 80, "web-1 web-2");
        await SaysAsync(client, host.NodeAddress, nodePort, "web-1 web-2");
        await SaysAsync(PodSpace.OfNode, address, 80, "web-1 web-2");

        await host.PatchAsync("both", $$"""{ "type": "ClusterIP", "ports": [ {{Tcp}} ] }""");
        await SaysAsync(client, address, 80, Refused);
        await host.AnswersAsync(NetworkHost.Client, "both", "web-1 web-2");
        await host.PatchAsync("both", $$"""{ "ports": [ {{Udp}} ] }""");
        await host.AnswersAsync(NetworkHost.Client, "both", "none", times: 1);
        await SaysAsync(client, address, 80, "web-1 web-2");
    }

    // What the endpoints of the service say: pods and ports, as Kubernetes' tests compare them.
    private async Task EndpointsAreAsync(string service, params (string Pod, int Port)[] expected)
    {
        (string, int)[] found = [];
        await Poll.UntilAsync(async () => (found = [.. await host.EndpointsAsync(service)]).SequenceEqual(expected), TimeSpan.FromSeconds(60),
            () => $"{service} has the endpoints {string.Join(", ", expected)}, and not {string.Join(", ", found)}");
    }

    // One refusal is enough: the kernel sends few of them at a time.
    private static async Task SaysAsync(PodSpace from, string address, int port, string expected)
    {
        var said = "";
        await Poll.UntilAsync(async () => (said = expected == Refused ? await from.SayAsync(address, port) : await from.SayOftenAsync(address, port)) == expected, TimeSpan.FromSeconds(30),
            () => $"datagrams are answered {expected}, and not {said}");
    }
}
