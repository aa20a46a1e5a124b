using Orchestrator.Tests.Kit;
using static Orchestrator.Tests.Docker.PodCalls;

namespace Orchestrator.Tests.Docker;

/// <summary>A control host and a worker, each with a network of its own: pods reach pods and services of the other, by routes and through the tunnel.</summary>
public sealed class ManyHostsSpec
{
    private static readonly TimeSpan Bound = TimeSpan.FromSeconds(60);

    [Theory]
    [InlineData("routes")]
    [InlineData("tunnel")]
    public async Task Pods_of_one_host_reach_pods_and_services_of_another(string peers)
    {
        await SampleImage.ImportAsync(SampleImage.First);
        using var folder = new TempFolder();
        await File.WriteAllTextAsync(folder.File("net.conf"), $"orchestrator.pod-network.peers = {peers}\n");
        await using var hosts = await NetworkHosts.CreateAsync(2);
        await using var control = await NodeProcess.StartAsync(new NodeSettings("docker", 0, Options: ["--config", folder.File("net.conf")], Host: hosts.All[0]));
        await using var worker = await NodeProcess.StartAsync(new NodeSettings("docker", 0, Options: ["--config", folder.File("net.conf")], Seed: control, Host: hosts.All[1]));
        await control.AskAsync(HttpMethod.Post, "/api/v1/namespaces/default/services", """
            { "metadata": { "name": "far" }, "spec": { "type": "NodePort", "selector": { "app": "far" }, "ports": [ { "port": 80, "targetPort": 8080 } ] } }
            """);
        var nodePort = (int)(await control.AskAsync(HttpMethod.Get, "/api/v1/namespaces/default/services/far"))["spec"]!["ports"]![0]!["nodePort"]!;
        foreach (var (node, name) in new[] { (control, "here"), (worker, "there") })
        {
            await control.AskAsync(HttpMethod.Post, "/api/v1/namespaces/default/pods", $$"""
                { "metadata": { "name": "{{name}}", "labels": { "app": "far" } }, "spec": { "nodeName": "{{node.Name}}", "terminationGracePeriodSeconds": 0,
                  "containers": [ {{Runs($"mkdir -p /w && echo {name} > /w/index.html && exec httpd -f -p 8080 -h /w")}}, "readinessProbe": { "httpGet": { "path": "/", "port": 8080 }, "periodSeconds": 1 } } ] } }
                """);
        }

        var here = await PodIsAsync(control, "here", IsReady);
        var there = await PodIsAsync(control, "there", IsReady);
        foreach (var (from, to, name) in new[] { (here, there, "there"), (there, here, "here") })
        {
            await AnswersAsync(from, $"http://{(string)to["status"]!["podIP"]!}:8080/", name);
            await AnswersAsync(from, "http://far/", "here there");
            foreach (var host in hosts.All)
            {
                await AnswersAsync(from, $"http://{host.Address}:{nodePort}/", "here there");
            }
        }

        // What the client is seen as: the pod itself, also on the other host.
        await worker.KillAsync();
        await Poll.UntilAsync(async () => await AskAsync(here, "http://far/", 20) == "here", TimeSpan.FromSeconds(90), () => "the pods of a host that is lost get no packets");
    }

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
