using System.Net;
using System.Net.Sockets;
using System.Text.Json.Nodes;
using k8s.Models;
using Orchestrator.Actors.Api;
using Orchestrator.Actors.Kinds.EndpointSlices;
using Orchestrator.Actors.Kinds.Namespaces;
using Orchestrator.Actors.Kinds.NetworkPolicies;
using Orchestrator.Actors.Kinds.Pods;
using Orchestrator.Actors.Kinds.Services;
using Orchestrator.Actors.Resources;
using Orchestrator.Actors.Workloads;
using Orchestrator.Node.Agent;
using Orchestrator.Node.Network;
using Orchestrator.Node.Policies;
using Orchestrator.Node.Proxy;
using Orchestrator.Tests.Kit;
using static Orchestrator.Tests.Docker.PodCalls;

namespace Orchestrator.Tests.Docker;

/// <summary>An agent that is killed in the middle of changes: after its return the rules in the kernel are those that the objects ask for, and no connection was cut.</summary>
/// <remarks>Two kills, each in the middle of another change; <c>ORCHESTRATOR_KILLS</c> asks for more.</remarks>
public sealed class KilledAgentRulesSpec
{
    private const string Services = "/api/v1/namespaces/default/services";
    private const string Slices = "/apis/discovery.k8s.io/v1/namespaces/default/endpointslices";
    private const string Policies = "/apis/networking.k8s.io/v1/namespaces/default/networkpolicies";
    private const int Port = 9000;
    private static readonly TimeSpan Bound = TimeSpan.FromSeconds(60);

    [RootFact]
    public async Task After_each_kill_the_rules_are_exactly_right_and_open_connections_go_on()
    {
        var kills = int.TryParse(Environment.GetEnvironmentVariable("ORCHESTRATOR_KILLS"), out var asked) ? asked : 2;
        await SampleImage.ImportAsync(SampleImage.First);
        await using var control = await NodeProcess.StartAsync(new NodeSettings("docker", 0, Options: ["--roles", "control", "--cluster-address", FreePort.Address().ToString()]) { Families = PodFamilies.Both });
        await using var worker = await NodeProcess.StartAsync(new NodeSettings("docker", 0, Seed: control) { Families = PodFamilies.Both });
        await CreateAsync(control, "server", "Always", $$""" "containers": [ {{Runs("exec sleep 600")}} } ] """);
        var address = (string)(await PodIsAsync(control, "server", IsReady))["status"]!["podIP"]!;
        var names = NetworkNames.Of(Installation.Of(worker.DataDir));
        using var bound = new CancellationTokenSource(TimeSpan.FromMinutes(2) + (kills * Bound / 4));
        using var listener = await EchoAsync(NetworkNames.PathOf(names.For(IPAddress.Parse(address))), bound.Token);
        var target = await ServiceAsync(control, "kept", address);
        using var open = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        await Poll.UntilAsync(async () => await ConnectsAsync(open, target, bound.Token), Bound, () => "the service answers");

        var random = new Random(7);
        for (var kill = 0; kill < kills; kill++)
        {
            var change = ChangeAsync(control, kill, address);
            await Task.Delay(random.Next(60), bound.Token);
            await worker.KillAsync();
            await change;
            await SaysAsync(open, bound.Token);
            await worker.RestartAsync();
            foreach (var (table, wanted) in await WantedAsync(control, worker.Name, names))
            {
                var (expected, seen) = (await InScratchAsync(table, wanted), "");
                await Poll.UntilAsync(async () => (seen = await TableAsync(table, [])) == expected, Bound, () => $"after kill {kill} table {table} is as wanted:\n{expected}\nand not\n{seen}\nthe worker said: {worker.Output}");
            }

            await SaysAsync(open, bound.Token);
        }
    }

    // One after the other of these, with what the one before has left.
    private static async Task ChangeAsync(NodeProcess control, int number, string address)
    {
        var round = number / 8;
        switch (number % 8)
        {
            case 0:
                await control.AskAsync(HttpMethod.Post, Policies, $$"""{ "metadata": { "name": "p{{round}}" }, "spec": { "podSelector": {}, "ingress": [ { "from": [ { "podSelector": {} }, { "ipBlock": { "cidr": "10.0.0.0/8" } }, { "ipBlock": { "cidr": "fd00::/8" } } ] } ] } }""");
                await ServiceAsync(control, $"s{round}", address);
                break;
            case 1:
                await control.AskAsync(HttpMethod.Patch, $"{Services}/s{round}", """{ "spec": { "type": "NodePort" } }""", "application/merge-patch+json");
                await control.AskAsync(HttpMethod.Patch, $"{Slices}/s{round}", """{ "endpoints": [ { "addresses": [ "10.250.0.1" ] }, { "addresses": [ "10.250.0.2" ] } ] }""", "application/merge-patch+json");
                await control.AskAsync(HttpMethod.Patch, $"{Slices}/s{round}-6", """{ "endpoints": [ { "addresses": [ "fd00:5bec:9::2" ] }, { "addresses": [ "fd00:5bec:9::3" ] } ] }""", "application/merge-patch+json");
                break;
            case 2:
                await control.AskAsync(HttpMethod.Delete, $"{Policies}/p{round}");
                await control.AskAsync(HttpMethod.Patch, $"{Services}/s{round}", """{ "spec": { "sessionAffinity": "ClientIP", "externalTrafficPolicy": "Local" } }""", "application/merge-patch+json");
                break;
            case 3:
                await control.AskAsync(HttpMethod.Post, Policies, $$"""{ "metadata": { "name": "q{{round}}" }, "spec": { "podSelector": {}, "policyTypes": [ "Egress" ] } }""");
                break;
            case 4:
                await control.AskAsync(HttpMethod.Patch, $"{Slices}/s{round}", """{ "endpoints": [ { "addresses": [ "10.250.0.2" ], "conditions": { "ready": false, "serving": true, "terminating": true } } ] }""", "application/merge-patch+json");
                break;
            case 5:
                await control.AskAsync(HttpMethod.Patch, $"{Policies}/q{round}", """{ "spec": { "egress": [ { "ports": [ { "port": 53, "protocol": "UDP" } ] } ] } }""", "application/merge-patch+json");
                break;
            case 6:
                await control.AskAsync(HttpMethod.Delete, $"{Services}/s{round}");
                break;
            default:
                await control.AskAsync(HttpMethod.Delete, $"{Policies}/q{round}");
                break;
        }
    }

    private static async Task<IPEndPoint> ServiceAsync(NodeProcess control, string name, string address)
    {
        var service = await control.AskAsync(HttpMethod.Post, Services, $$"""{ "metadata": { "name": "{{name}}" }, "spec": { "ipFamilyPolicy": "RequireDualStack", "ports": [ { "port": 80, "targetPort": {{Port}} } ] } }""");
        await control.AskAsync(HttpMethod.Post, Slices, $$"""
            { "metadata": { "name": "{{name}}", "labels": { "kubernetes.io/service-name": "{{name}}" } }, "addressType": "IPv4", "ports": [ { "port": {{Port}} } ], "endpoints": [ { "addresses": [ "{{address}}" ] } ] }
            """);
        await control.AskAsync(HttpMethod.Post, Slices, $$"""
            { "metadata": { "name": "{{name}}-6", "labels": { "kubernetes.io/service-name": "{{name}}" } }, "addressType": "IPv6", "ports": [ { "port": {{Port}} } ], "endpoints": [ { "addresses": [ "fd00:5bec:9::1" ] } ] }
            """);
        return new IPEndPoint(IPAddress.Parse((string)service["spec"]!["clusterIP"]!), 80);
    }

    // What the objects of the API ask for, made by nobody but this spec.
    private static async Task<IEnumerable<(string Table, string Text)>> WantedAsync(NodeProcess control, string node, NetworkNames names)
    {
        var services = await ListAsync(control, ServiceDefinition.Instance, "/api/v1/services");
        var slices = (await ListAsync(control, EndpointSliceDefinition.Instance, "/apis/discovery.k8s.io/v1/endpointslices")).ToLookup(s => (s.Namespace, s.Labels.GetValueOrDefault(EndpointSlicePlanner.ServiceLabel)));
        var rules = ServiceRules.Table(names);
        rules.Change(services.Select(s => (s, Route: ServiceRoutes.All(s, [.. slices[(s.Namespace, s.Name)]], node)))
            .Select(s => KeyValuePair.Create($"{s.s.Namespace}/{s.s.Name}", ServiceRules.Of(s.Route, [IPNetwork.Parse(PodCidr.Of(control.Address.Port)), IPNetwork.Parse(PodCidr.OfIPv6(control.Address.Port))]))));
        var pods = await ListAsync(control, PodDefinition.Instance, "/api/v1/pods");
        var namespaces = (await ListAsync(control, NamespaceDefinition.Instance, "/api/v1/namespaces")).ToDictionary(n => n.Name, n => (IReadOnlyDictionary<string, string>)n.Labels);
        var groups = new PeerGroups(ns => pods.Where(p => ns is null || p.Namespace == ns), ns => namespaces[ns]);
        var all = (await ListAsync(control, NetworkPolicyDefinition.Instance, "/apis/networking.k8s.io/v1/networkpolicies")).ToList();
        all.ForEach(groups.Put);
        var members = groups.All.ToDictionary(g => g.Id, g => (IReadOnlySet<string>)g.Added.ToHashSet());
        var enforced = PolicyRules.Table(names);
        foreach (var pod in pods.Where(p => p.NodeName == node))
        {
            var own = all.Where(p => p.Namespace == pod.Namespace).Select(p => p.As<V1NetworkPolicy>()).Where(p => LabelSelectors.Matches(p.Spec.PodSelector, new Dictionary<string, string>(pod.Labels))).ToList();
            if (own.Count > 0)
            {
                enforced.Change(own.SelectMany(PolicyPeers.GroupsOf).DistinctBy(g => g.Id).Select(g => KeyValuePair.Create($"group/{g.Id}", PolicyRules.OfGroup(g, members[g.Id], Gateway(pod)))));
                enforced.Change([KeyValuePair.Create($"pod/{pod.Uid}", PolicyRules.OfPod(pod.Uid, PeerPod.Of(pod)!, own))]);
            }
        }

        return [(names.ServiceTable, rules.Whole()), (names.PolicyTable, enforced.Whole())];
    }

    // The second address of the range, a /24 of the node.
    private static IPAddress Gateway(KubeObject pod) => IPAddress.Parse(string.Join('.', pod.As<V1Pod>().Status.PodIP.Split('.')[..3]) + ".1");

    private static async Task<IReadOnlyList<KubeObject>> ListAsync(NodeProcess control, ResourceDefinition kind, string path) =>
        [.. (await control.AskAsync(HttpMethod.Get, path))["items"]!.AsArray().Select(i => KubeObject.From(kind, (JsonObject)i!.DeepClone()))];

    private static async Task<string> InScratchAsync(string table, string text)
    {
        var name = $"scratch{FreePort.Next()}";
        (await Command.RunAsync("ip", ["netns", "add", name], Bound)).Succeeded();
        try
        {
            using var folder = new TempFolder();
            await File.WriteAllTextAsync(folder.File("rules"), text);
            (await Command.RunAsync("ip", ["netns", "exec", name, "nft", "-f", folder.File("rules")], Bound)).Succeeded();
            return await TableAsync(table, ["netns", "exec", name, "nft"]);
        }
        finally
        {
            await Command.RunAsync("ip", ["netns", "del", name], Bound);
        }
    }

    private static async Task<string> TableAsync(string table, string[] elsewhere)
    {
        string[] list = ["-y", "list", "table", "inet", table];
        var listed = elsewhere.Length == 0 ? await Command.RunAsync("nft", list, Bound) : await Command.RunAsync("ip", [.. elsewhere, .. list], Bound);
        return listed.ExitCode == 0 ? RuleText.Ordered(listed.Output) : "";
    }

    private static async Task<bool> ConnectsAsync(Socket socket, IPEndPoint target, CancellationToken cancellation)
    {
        try
        {
            await socket.ConnectAsync(target, cancellation);
            return true;
        }
        catch (SocketException)
        {
            return false;
        }
    }

    private static async Task SaysAsync(Socket socket, CancellationToken cancellation)
    {
        var buffer = new byte[1];
        await socket.SendAsync("?"u8.ToArray(), cancellation);
        Assert.Equal(1, await socket.ReceiveAsync(buffer, cancellation));
    }

    private static async Task<Socket> EchoAsync(string ns, CancellationToken cancellation)
    {
        using var handle = File.OpenHandle(ns);
        var listener = await NamespaceThread.RunAsync(handle, () =>
        {
            var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
            socket.Bind(new IPEndPoint(IPAddress.Any, Port));
            socket.Listen();
            return socket;
        });
        _ = Task.Run(async () =>
        {
            while (true)
            {
                var socket = await listener.AcceptAsync(cancellation);
                _ = Task.Run(async () =>
                {
                    using (socket)
                    {
                        var buffer = new byte[16];
                        for (int got; (got = await socket.ReceiveAsync(buffer, cancellation)) > 0;)
                        {
                            await socket.SendAsync(buffer.AsMemory(0, got), cancellation);
                        }
                    }
                }, cancellation);
            }
        }, cancellation);
        return listener;
    }
}
