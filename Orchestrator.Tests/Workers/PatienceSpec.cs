using System.Globalization;
using System.Text.Json.Nodes;
using Orchestrator.Tests.Kit;

namespace Orchestrator.Tests.Workers;

/// <summary>What is due later happens in a cluster where nothing else does: objects rest, and leave memory, long before. Nothing is asked but
/// lists: a get would keep an object awake.</summary>
/// <remarks>ORCHESTRATOR_PATIENCE=300 runs the first spec with Kubernetes' own patience and the settings of every host: eight minutes.</remarks>
public sealed class PatienceSpec
{
    private const int Replicas = 4;
    private const int Kubernetes = 300;
    private static readonly TimeSpan Bound = TimeSpan.FromSeconds(90);
    private static readonly TimeSpan Late = TimeSpan.FromSeconds(10);

    private static int Patience => int.TryParse(Environment.GetEnvironmentVariable("ORCHESTRATOR_PATIENCE"), NumberStyles.None, CultureInfo.InvariantCulture, out var seconds) ? seconds : 12;

    [Fact]
    public async Task A_lost_workers_pods_leave_when_their_patience_ends()
    {
        using var folder = new TempFolder();
        await using var control = await NodeProcess.StartAsync(new NodeSettings(Options: ["--roles", "control", .. Patience == Kubernetes ? [] : Resting(folder)]));
        var settings = new NodeSettings(SimulatedNodes: 0, Seed: control);
        await using var lost = await NodeProcess.StartAsync(settings);
        await using var other = await NodeProcess.StartAsync(settings);
        await Poll.UntilAsync(async () => (await NodesAsync(control)).Values.Count(n => Ready(n) == "True") == 2, Bound, () => "both nodes are ready");
        await control.AskAsync(HttpMethod.Post, "/apis/apps/v1/namespaces/default/deployments", Deployment("web", Patience == Kubernetes ? "" : $$"""
            "tolerations": [ { "key": "node.kubernetes.io/unreachable", "operator": "Exists", "effect": "NoExecute", "tolerationSeconds": {{Patience}} } ],
            """));
        await Poll.UntilAsync(async () => (await PodsAsync(control)).Count(p => Ready(p) == "True") == Replicas, Bound, () => "all pods are ready");
        var stranded = (await PodsAsync(control)).Where(p => (string?)p["spec"]!["nodeName"] == lost.Name).Select(p => (string)p["metadata"]!["name"]!).ToHashSet();
        Assert.NotEmpty(stranded);

        await lost.KillAsync();
        await Poll.UntilAsync(async () => Ready((await NodesAsync(control))[lost.Name]) == "Unknown", Bound, () => "the node is lost");
        var since = DateTimeOffset.UtcNow;
        List<JsonNode> pods = [];
        await Poll.UntilAsync(async () => (pods = await PodsAsync(control)).Where(p => stranded.Contains((string)p["metadata"]!["name"]!)).All(p => p["metadata"]!["deletionTimestamp"] is not null),
            TimeSpan.FromSeconds(Patience) + Late, () => $"all of {string.Join(", ", stranded)} are being deleted: {string.Join(", ", pods.Select(p => $"{p["metadata"]!["name"]} {p["metadata"]!["deletionTimestamp"]}"))}");
        Assert.True(DateTimeOffset.UtcNow - since > TimeSpan.FromSeconds(Patience - 2), "they had their time");
        await Poll.UntilAsync(async () => (await PodsAsync(control)).Count(p => Ready(p) == "True" && (string?)p["spec"]!["nodeName"] == other.Name) == Replicas, Bound,
            () => "others run in their place");
    }

    [Fact]
    public async Task A_rollout_that_does_not_come_on_is_said_to_have_failed()
    {
        using var folder = new TempFolder();
        await using var node = await NodeProcess.StartAsync(new NodeSettings(Options: Resting(folder)));
        await node.AskAsync(HttpMethod.Post, "/apis/apps/v1/namespaces/default/deployments", Deployment("nowhere", "\"nodeSelector\": { \"disk\": \"gold\" },"));
        await Poll.UntilAsync(async () => (await node.AskAsync(HttpMethod.Get, "/apis/apps/v1/namespaces/default/deployments"))["items"]![0]!["status"]?["conditions"]?.AsArray()
            .Any(c => (string?)c!["reason"] == "ProgressDeadlineExceeded") == true, TimeSpan.FromSeconds(12) + Late, () => "the deployment's deadline has passed");
    }

    // An object leaves memory before anything is due.
    private static string[] Resting(TempFolder folder)
    {
        var file = folder.File("resting.conf");
        File.WriteAllText(file, "akka.cluster.sharding.passivate-idle-entity-after = 3s");
        return ["--config", file];
    }

    private static string Deployment(string name, string members) => $$"""
        { "apiVersion": "apps/v1", "kind": "Deployment", "metadata": { "name": "{{name}}" },
          "spec": { "replicas": {{Replicas}}, "progressDeadlineSeconds": 12, "selector": { "matchLabels": { "app": "{{name}}" } },
            "template": { "metadata": { "labels": { "app": "{{name}}" } },
              "spec": { {{members}} "terminationGracePeriodSeconds": 1, "containers": [ { "name": "web", "image": "{{SampleImage.First}}", "imagePullPolicy": "IfNotPresent" } ] } } } }
        """;

    private static string? Ready(JsonNode item) => (string?)(item["status"]?["conditions"]?.AsArray() ?? []).FirstOrDefault(c => (string?)c!["type"] == "Ready")?["status"];

    private static async Task<Dictionary<string, JsonNode>> NodesAsync(NodeProcess control) =>
        (await control.AskAsync(HttpMethod.Get, "/api/v1/nodes"))["items"]!.AsArray().ToDictionary(n => (string)n!["metadata"]!["name"]!, n => n!);

    private static async Task<List<JsonNode>> PodsAsync(NodeProcess control) =>
        [.. (await control.AskAsync(HttpMethod.Get, "/api/v1/namespaces/default/pods"))["items"]!.AsArray().OfType<JsonNode>()];
}
