using Orchestrator.Tests.Kit;
using Xunit.Abstractions;
using static Orchestrator.Tests.Docker.PodCalls;

namespace Orchestrator.Tests.Docker;

/// <summary>A control host and workers, each with a network of its own: pods reach pods and services of the others, by routes and through the tunnel.</summary>
public sealed class ManyHostsSpec(ITestOutputHelper output)
{
    private static readonly TimeSpan Bound = TimeSpan.FromSeconds(60);

    [Theory]
    [InlineData("routes", 2)]
    [InlineData("tunnel", 3)]
    public async Task Pods_of_one_host_reach_pods_and_services_of_others(string peers, int count)
    {
        await SampleImage.ImportAsync(SampleImage.First);
        using var folder = new TempFolder();
        await File.WriteAllTextAsync(folder.File("net.conf"), $"orchestrator.pod-network.peers = {peers}\n");
        await using var hosts = await NetworkHosts.CreateAsync(count);
        await using var control = await NodeProcess.StartAsync(new NodeSettings("docker", 0, Options: ["--config", folder.File("net.conf")], Host: hosts.All[0]));
        var workers = await Task.WhenAll(hosts.All.Skip(1).Select(h => NodeProcess.StartAsync(new NodeSettings("docker", 0, Options: ["--config", folder.File("net.conf")], Seed: control, Host: h))));
        try
        {
            await ReachAsync(control, workers, hosts);
        }
        finally
        {
            foreach (var worker in workers)
            {
                await worker.DisposeAsync();
            }
        }
    }

    private async Task ReachAsync(NodeProcess control, NodeProcess[] workers, NetworkHosts hosts)
    {
        await control.AskAsync(HttpMethod.Post, "/api/v1/namespaces/default/services", """
            { "metadata": { "name": "far" }, "spec": { "type": "NodePort", "selector": { "app": "far" }, "ports": [ { "port": 80, "targetPort": 8080 } ] } }
            """);
        var nodePort = (int)(await control.AskAsync(HttpMethod.Get, "/api/v1/namespaces/default/services/far"))["spec"]!["ports"]![0]!["nodePort"]!;
        string[] names = [.. workers.Select((_, i) => $"pod-{i + 1}").Prepend("pod-0")];
        foreach (var (node, name) in workers.Prepend(control).Zip(names))
        {
            await control.AskAsync(HttpMethod.Post, "/api/v1/namespaces/default/pods", $$"""
                { "metadata": { "name": "{{name}}", "labels": { "app": "far" } }, "spec": { "nodeName": "{{node.Name}}", "terminationGracePeriodSeconds": 0,
                  "containers": [ {{Runs($"mkdir -p /w && echo {name} > /w/index.html && exec httpd -f -p 8080 -h /w")}}, "readinessProbe": { "httpGet": { "path": "/", "port": 8080 }, "periodSeconds": 1 } } ] } }
                """);
        }

        var pods = await Task.WhenAll(names.Select(n => PodIsAsync(control, n, IsReady)));
        var all = string.Join(' ', names);
        foreach (var from in pods)
        {
            foreach (var to in pods.Where(p => p != from))
            {
                await AnswersAsync(from, $"http://{(string)to["status"]!["podIP"]!}:8080/", (string)to["metadata"]!["name"]!);
            }

            await AnswersAsync(from, "http://far/", all);
            foreach (var host in hosts.All)
            {
                await AnswersAsync(from, $"http://{host.Address}:{nodePort}/", all);
            }
        }

        // What counts is the word of the cluster that it is lost; until then nobody can know.
        var gone = (string)pods[^1]["status"]!["podIP"]!;
        await workers[^1].KillAsync();
        await Poll.UntilAsync(async () => (await control.AskAsync(HttpMethod.Get, $"/api/v1/nodes/{workers[^1].Name}"))["status"]!["conditions"]!.AsArray().Any(c => (string)c!["type"]! == "Ready" && (string)c["status"]! != "True"),
            TimeSpan.FromSeconds(90), () => "the host is known to be lost");
        var clock = System.Diagnostics.Stopwatch.StartNew();
        foreach (var (node, host) in workers.SkipLast(1).Prepend(control).Zip(hosts.All))
        {
            await Poll.UntilAsync(async () => !(await RulesAsync(node, host)).Contains($"{gone} .", StringComparison.Ordinal), Bound, () => $"{node.Name} leads nobody to a pod of the host that is lost");
        }

        output.WriteLine($"Out of the rules of {hosts.All.Count - 1} hosts {clock.Elapsed.TotalSeconds:0.00} s after the word that a host is lost.");
        await AnswersAsync(pods[0], "http://far/", string.Join(' ', names.SkipLast(1)));
    }

    private static async Task<string> RulesAsync(NodeProcess node, NetworkHost host) => (await Command.RunAsync("nsenter",
        [$"--net={host.Namespace}", "nft", "list", "table", "ip", Orchestrator.Node.Network.NetworkNames.Of(Orchestrator.Node.Agent.Installation.Of(node.DataDir)).ServiceTable], Bound)).Succeeded();

    private static Task AnswersAsync(System.Text.Json.Nodes.JsonNode from, string address, string names) =>
        Poll.UntilAsync(async () => await AskAsync(from, address, 20) == names, Bound, () => $"{address} is answered by {names} for {(string)from["metadata"]!["name"]!}");

    // Who answers, each once.
    private static async Task<string> AskAsync(System.Text.Json.Nodes.JsonNode from, string address, int times)
    {
        var id = ((string)from["status"]!["containerStatuses"]![0]!["containerID"]!)["docker://".Length..];
        var said = await Command.RunAsync("docker", ["exec", id, "sh", "-c", $"for i in $(seq {times}); do timeout 5 wget -qO- {address} || echo failed; done | sort -u"], Bound);
        return string.Join(' ', said.Output.Split('\n', StringSplitOptions.RemoveEmptyEntries));
    }
}
