using System.Text.Json.Nodes;
using Orchestrator.Tests.Kit;

namespace Orchestrator.Tests.Workers;

/// <summary>A control process and two workers in processes of their own, joined by a seed node on loopback.</summary>
public sealed class LostWorkerSpec
{
    private const int Replicas = 4;
    private static readonly TimeSpan Bound = TimeSpan.FromSeconds(90);

    [Theory]
    [InlineData("simulated")]
    [InlineData("docker")]
    public async Task A_lost_workers_pods_are_replaced_and_a_returning_one_drops_what_is_no_longer_its_own(string runtime)
    {
        if (runtime == "docker")
        {
            await SampleImage.ImportAsync(SampleImage.First);
        }

        await using var control = await NodeProcess.StartAsync(new NodeSettings(Options: ["--roles", "control"]));
        var settings = new NodeSettings(runtime, SimulatedNodes: 0, Seed: control);
        await using var lost = await NodeProcess.StartAsync(settings);
        await using var other = await NodeProcess.StartAsync(settings);
        await NodeIsAsync(control, lost, "True");
        await NodeIsAsync(control, other, "True");

        await control.AskAsync(HttpMethod.Post, "/apis/apps/v1/namespaces/default/deployments", Deployment);
        await Poll.UntilAsync(async () => (await ReadyAsync(control)).Count == Replicas, Bound, () => $"{Replicas} pods are ready");
        var before = await ReadyAsync(control);
        Assert.Contains(before.Values, node => node == lost.Name);
        Assert.Contains(before.Values, node => node == other.Name);

        await lost.KillAsync();
        await NodeIsAsync(control, lost, "Unknown");
        await Poll.UntilAsync(async () => await ReadyAsync(control) is { Count: Replicas } ready && ready.Values.All(n => n == other.Name), Bound,
            () => "the lost node's pods run on the other one");
        if (runtime == "docker")
        {
            Assert.Contains(await Containers.ListAsync(lost.Name), c => c.State == "running");
        }

        var moved = await ReadyAsync(control);
        await lost.RestartAsync();
        await NodeIsAsync(control, lost, "True");
        await Poll.UntilAsync(async () => (await PodsAsync(control)).Count == Replicas, Bound, () => "what the returning worker had is gone");
        Assert.Equal(moved, await ReadyAsync(control));
        if (runtime == "docker")
        {
            await Poll.UntilAsync(async () => (await Containers.ListAsync(lost.Name)).Count == 0, Bound, () => "no container of the returning worker is left");
        }

        await control.AskAsync(HttpMethod.Delete, "/apis/apps/v1/namespaces/default/deployments/web");
        await Poll.UntilAsync(async () => (await PodsAsync(control)).Count == 0, Bound, () => "all pods are gone");
    }

    private static string Deployment => $$"""
        { "apiVersion": "apps/v1", "kind": "Deployment", "metadata": { "name": "web" },
          "spec": { "replicas": {{Replicas}}, "selector": { "matchLabels": { "app": "web" } },
            "template": { "metadata": { "labels": { "app": "web" } },
              "spec": { "terminationGracePeriodSeconds": 1,
                "tolerations": [ { "key": "node.kubernetes.io/unreachable", "operator": "Exists", "effect": "NoExecute", "tolerationSeconds": 2 } ],
                "containers": [ { "name": "web", "image": "{{SampleImage.First}}", "imagePullPolicy": "IfNotPresent" } ] } } } }
        """;

    private static Task NodeIsAsync(NodeProcess control, NodeProcess worker, string ready) => Poll.UntilAsync(
        async () => (await control.AskAsync(HttpMethod.Get, "/api/v1/nodes"))["items"]!.AsArray()
            .Where(n => n!["metadata"]!["name"]!.GetValue<string>() == worker.Name)
            .SelectMany(n => n!["status"]?["conditions"]?.AsArray() ?? [])
            .Any(c => c!["type"]!.GetValue<string>() == "Ready" && c["status"]!.GetValue<string>() == ready),
        Bound, () => $"node {worker.Name} is Ready={ready}");

    private static async Task<IReadOnlyList<JsonNode>> PodsAsync(NodeProcess control) =>
        [.. (await control.AskAsync(HttpMethod.Get, "/api/v1/namespaces/default/pods"))["items"]!.AsArray().OfType<JsonNode>()];

    /// <summary>Node by name of the pods that are ready and stay.</summary>
    private static async Task<SortedDictionary<string, string>> ReadyAsync(NodeProcess control) => new((await PodsAsync(control))
        .Where(p => p["metadata"]!["deletionTimestamp"] is null
            && (p["status"]?["conditions"]?.AsArray() ?? []).Any(c => c!["type"]!.GetValue<string>() == "Ready" && c["status"]!.GetValue<string>() == "True"))
        .ToDictionary(p => p["metadata"]!["name"]!.GetValue<string>(), p => p["spec"]!["nodeName"]!.GetValue<string>()));
}
