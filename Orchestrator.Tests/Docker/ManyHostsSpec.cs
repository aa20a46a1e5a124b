using Orchestrator.Tests.Kit;
using Xunit.Abstractions;
using static Orchestrator.Tests.Docker.PodCalls;

namespace Orchestrator.Tests.Docker;

/// <summary>A control host and workers, each with a network and an engine of its own, and pods with addresses of both families: they reach pods and services of the others, by routes and through the tunnel.</summary>
public sealed class ManyHostsSpec(ITestOutputHelper output)
{
    private static readonly TimeSpan Bound = TimeSpan.FromSeconds(60);

    [OwnEngineTheory]
    [InlineData("routes", 2)]
    [InlineData("tunnel", 3)]
    public async Task Pods_of_one_host_reach_pods_and_services_of_others(string peers, int count)
    {
        using var folder = new TempFolder();
        await using var hosts = await NetworkHosts.CreateAsync(count, hasIPv6: peers == "routes");
        var network = hosts.All[0].Address.ToString()[..^1];
        await File.WriteAllTextAsync(folder.File("net.conf"), $"orchestrator {{ pod-network.peers = {peers}, load-balancer = \"{network}230-{network}231{(hosts.All[0].Second is { } six ? $", {six}:e6-{six}:e7".Replace("::1:", "::", StringComparison.Ordinal) : "")}\" }}\n");
        var engines = hosts.All.Select(h => new DockerEngine(livesOn: false, h.Namespace)).ToList();
        var nodes = new List<NodeProcess>();
        try
        {
            await Task.WhenAll(engines.Select(e => e.StartAsync(SampleImage.First)));
            NodeSettings Settings(int i) => new("docker", 0, Options: ["--config", folder.File("net.conf"), "--docker-host", engines[i].Host], Seed: nodes.FirstOrDefault(), Host: hosts.All[i]) { Families = PodFamilies.Both };
            nodes.Add(await NodeProcess.StartAsync(Settings(0)));
            nodes.AddRange(await Task.WhenAll(Enumerable.Range(1, count - 1).Select(i => NodeProcess.StartAsync(Settings(i)))));
            await ReachAsync(nodes, hosts, engines);
        }
        finally
        {
            foreach (var node in Enumerable.Reverse(nodes))
            {
                await node.DisposeAsync();
            }

            foreach (var engine in engines)
            {
                await engine.DisposeAsync();
            }
        }
    }

    private async Task ReachAsync(List<NodeProcess> nodes, NetworkHosts hosts, List<DockerEngine> engines)
    {
        var control = nodes[0];
        await control.AskAsync(HttpMethod.Post, "/api/v1/namespaces/default/services", """
            { "metadata": { "name": "far" }, "spec": { "type": "NodePort", "ipFamilyPolicy": "RequireDualStack", "selector": { "app": "far" }, "ports": [ { "port": 80, "targetPort": 8080 } ] } }
            """);
        var service = (await control.AskAsync(HttpMethod.Get, "/api/v1/namespaces/default/services/far"))["spec"]!;
        var nodePort = (int)service["ports"]![0]!["nodePort"]!;
        string[] names = [.. nodes.Select((_, i) => $"pod-{i}")];
        foreach (var (node, name) in nodes.Zip(names))
        {
            await control.AskAsync(HttpMethod.Post, "/api/v1/namespaces/default/pods", $$"""
                { "metadata": { "name": "{{name}}", "labels": { "app": "far" } }, "spec": { "nodeName": "{{node.Name}}", "terminationGracePeriodSeconds": 0,
                  "containers": [ {{Runs($"mkdir -p /w && echo {name} > /w/index.html && exec httpd -f -p 8080 -h /w")}}, "readinessProbe": { "httpGet": { "path": "/", "port": 8080 }, "periodSeconds": 1 } } ] } }
                """);
        }

        var pods = (await Task.WhenAll(names.Select(n => PodIsAsync(control, n, IsReady)))).Zip(engines, (pod, engine) => (Pod: pod, Engine: engine)).ToList();
        var all = string.Join(' ', names);
        foreach (var (from, engine) in pods)
        {
            foreach (var (to, _) in pods.Where(p => p.Pod != from))
            {
                Assert.Equal(2, to["status"]!["podIPs"]!.AsArray().Count);
                foreach (var ip in to["status"]!["podIPs"]!.AsArray())
                {
                    await AnswersAsync(from, engine, $"http://{InUrl((string)ip!["ip"]!)}:8080/", (string)to["metadata"]!["name"]!);
                }
            }

            await AnswersAsync(from, engine, "http://far/", all);
            foreach (var address in service["clusterIPs"]!.AsArray())
            {
                await AnswersAsync(from, engine, $"http://{InUrl((string)address!)}/", all);
            }

            foreach (var address in hosts.All.SelectMany(h => new[] { h.Address, h.Second }).OfType<System.Net.IPAddress>())
            {
                await AnswersAsync(from, engine, $"http://{InUrl(address.ToString())}:{nodePort}/", all);
            }
        }

        await PoliciesAsync(control, pods);

        // From a machine on the same switch, which is no host of the cluster.
        await control.AskAsync(HttpMethod.Post, "/api/v1/namespaces/default/services", """
            { "metadata": { "name": "outer" }, "spec": { "type": "LoadBalancer", "ipFamilyPolicy": "RequireDualStack", "selector": { "app": "far" }, "ports": [ { "port": 8000, "targetPort": 8080 } ] } }
            """);
        string[] outer = [];
        await Poll.UntilAsync(async () => (outer = [.. ((await control.AskAsync(HttpMethod.Get, "/api/v1/namespaces/default/services/outer"))["status"]!["loadBalancer"]?["ingress"]?.AsArray() ?? []).Select(i => (string)i!["ip"]!)]).Length
            == (hosts.All[0].Second is null ? 1 : 2), Bound, () => "it has an address of the pool of each family");
        await Task.WhenAll(outer.Select(o => OuterAsync(o, names)));

        // What counts is the word of the cluster that it is lost; until then nobody can know.
        string[] gone = [.. pods[^1].Pod["status"]!["podIPs"]!.AsArray().Select(ip => $"{(string)ip!["ip"]!} .")];
        await nodes[^1].KillAsync();
        await Poll.UntilAsync(async () => (await control.AskAsync(HttpMethod.Get, $"/api/v1/nodes/{nodes[^1].Name}"))["status"]!["conditions"]!.AsArray().Any(c => (string)c!["type"]! == "Ready" && (string)c["status"]! != "True"),
            TimeSpan.FromSeconds(90), () => "the host is known to be lost");
        var clock = System.Diagnostics.Stopwatch.StartNew();
        foreach (var (node, host) in nodes.SkipLast(1).Zip(hosts.All))
        {
            await Poll.UntilAsync(async () => await RulesAsync(node, host) is var rules && !gone.Any(g => rules.Contains(g, StringComparison.Ordinal)), Bound, () => $"{node.Name} leads nobody to a pod of the host that is lost");
        }

        output.WriteLine($"Out of the rules of {hosts.All.Count - 1} hosts {clock.Elapsed.TotalSeconds:0.00} s after the word that a host is lost.");
        await AnswersAsync(pods[0].Pod, pods[0].Engine, "http://far/", string.Join(' ', names.SkipLast(1)));
        await Task.WhenAll(outer.Select(o => OuterAsync(o, [.. names.SkipLast(1)])));
    }

    private static string InUrl(string address) => address.Contains(':', StringComparison.Ordinal) ? $"[{address}]" : address;

    private static async Task OuterAsync(string address, string[] names)
    {
        var said = new SortedSet<string>(StringComparer.Ordinal);
        await Poll.UntilAsync(async () =>
        {
            said.Clear();
            for (var i = 0; i < 20; i++)
            {
                // A client for each, so that each is a connection of its own.
                using var client = new HttpClient { Timeout = TimeSpan.FromSeconds(2) };
                try
                {
                    said.Add((await client.GetStringAsync(new Uri($"http://{InUrl(address)}:8000/"))).Trim());
                }
                catch (Exception e) when (e is HttpRequestException or TaskCanceledException)
                {
                    said.Add(e.Message);
                }
            }

            return said.SequenceEqual(names);
        }, Bound, () => $"{address} is answered by {string.Join(' ', names)}, and not {string.Join(' ', said)}");
    }

    // The policy of a pod on one host counts for those who come from another.
    private static async Task PoliciesAsync(NodeProcess control, List<(System.Text.Json.Nodes.JsonNode Pod, DockerEngine Engine)> pods)
    {
        const string policies = "/apis/networking.k8s.io/v1/namespaces/default/networkpolicies";
        var guarded = pods[^1];
        string[] addresses = [.. guarded.Pod["status"]!["podIPs"]!.AsArray().Select(ip => $"http://{InUrl((string)ip!["ip"]!)}:8080/")];
        await control.AskAsync(HttpMethod.Patch, $"/api/v1/namespaces/default/pods/{(string)guarded.Pod["metadata"]!["name"]!}", """{ "metadata": { "labels": { "is": "guarded" } } }""", "application/merge-patch+json");
        await control.AskAsync(HttpMethod.Post, policies, """{ "metadata": { "name": "few" }, "spec": { "podSelector": { "matchLabels": { "is": "guarded" } }, "ingress": [ { "from": [ { "podSelector": { "matchLabels": { "may": "enter" } } } ] } ] } }""");
        foreach (var address in addresses)
        {
            await Poll.UntilAsync(async () => await AskAsync(pods[0].Pod, pods[0].Engine, address, 1) == "failed", Bound, () => $"a pod of another host is kept out of {address}");
        }

        await control.AskAsync(HttpMethod.Patch, $"/api/v1/namespaces/default/pods/{(string)pods[0].Pod["metadata"]!["name"]!}", """{ "metadata": { "labels": { "may": "enter" } } }""", "application/merge-patch+json");
        foreach (var address in addresses)
        {
            await AnswersAsync(pods[0].Pod, pods[0].Engine, address, (string)guarded.Pod["metadata"]!["name"]!);
        }

        await control.AskAsync(HttpMethod.Delete, $"{policies}/few");
    }

    private static async Task<string> RulesAsync(NodeProcess node, NetworkHost host) => (await Command.RunAsync("nsenter",
        [$"--net={host.Namespace}", "nft", "list", "table", "inet", Orchestrator.Node.Network.NetworkNames.Of(Orchestrator.Node.Agent.Installation.Of(node.DataDir)).ServiceTable], Bound)).Succeeded();

    private static Task AnswersAsync(System.Text.Json.Nodes.JsonNode from, DockerEngine engine, string address, string names) =>
        Poll.UntilAsync(async () => await AskAsync(from, engine, address, 20) == names, Bound, () => $"{address} is answered by {names} for {(string)from["metadata"]!["name"]!}");

    // Who answers, each once.
    private static async Task<string> AskAsync(System.Text.Json.Nodes.JsonNode from, DockerEngine engine, string address, int times)
    {
        var id = ((string)from["status"]!["containerStatuses"]![0]!["containerID"]!)["docker://".Length..];
        var said = await Command.RunAsync("docker", ["exec", id, "sh", "-c", $"for i in $(seq {times}); do timeout 2 wget -qO- {address} || echo failed; done | sort -u"], Bound, environment: engine.Environment);
        return string.Join(' ', said.Output.Split('\n', StringSplitOptions.RemoveEmptyEntries));
    }
}
