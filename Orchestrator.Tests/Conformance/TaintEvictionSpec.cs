using System.Text.Json.Nodes;
using Orchestrator.Tests.Kit;

namespace Orchestrator.Tests.Conformance;

/// <summary>Pods of a node that gets a taint with the effect NoExecute.</summary>
public sealed class TaintEvictionSpec
{
    private const string Pods = "/api/v1/namespaces/default/pods";
    private static readonly TimeSpan Bound = TimeSpan.FromSeconds(30);

    [Fact]
    [Conformance("NoExecuteTaintManager Multiple Pods evicts pods with minTolerationSeconds")]
    [Conformance("NoExecuteTaintManager Single Pod removing taint cancels eviction")]
    public async Task Pods_go_when_their_time_is_over_and_stay_when_the_taint_goes_before()
    {
        await using var node = await NodeProcess.StartAsync(new NodeSettings("simulated", 1));
        var name = (string)(await node.AskAsync(HttpMethod.Get, "/api/v1/nodes"))["items"]![0]!["metadata"]!["name"]!;
        foreach (var (pod, seconds) in ((string, int)[])[("soon", 1), ("later", 4), ("saved", 3600)])
        {
            await node.AskAsync(HttpMethod.Post, Pods, $$"""
                { "metadata": { "name": "{{pod}}" }, "spec": { "terminationGracePeriodSeconds": 0, "containers": [ { "name": "c", "image": "x" } ],
                  "tolerations": [ { "key": "test/evict", "operator": "Exists", "effect": "NoExecute", "tolerationSeconds": {{seconds}} } ] } }
                """);
        }

        await Poll.UntilAsync(async () => (await AllAsync(node)).All(p => (string?)p["status"]!["phase"] == "Running"), Bound, () => "all run");
        await TaintAsync(node, name, """[ { "key": "test/evict", "value": "now", "effect": "NoExecute" } ]""");
        await IsAsync(node, "later saved");
        await IsAsync(node, "saved");
        await TaintAsync(node, name, "[]");
        await node.AskAsync(HttpMethod.Post, Pods, """{ "metadata": { "name": "canary" }, "spec": { "terminationGracePeriodSeconds": 0, "containers": [ { "name": "c", "image": "x" } ] } }""");
        await Poll.UntilAsync(async () => (await AllAsync(node)).Count(p => (string?)p["status"]!["phase"] == "Running") == 2, Bound, () => "the node takes pods again and kept the one");
    }

    private static async Task<IReadOnlyList<JsonNode>> AllAsync(NodeProcess node) => [.. (await node.AskAsync(HttpMethod.Get, Pods))["items"]!.AsArray().Select(p => p!)];

    private static Task IsAsync(NodeProcess node, string names) =>
        Poll.UntilAsync(async () => string.Join(' ', (await AllAsync(node)).Select(p => (string)p["metadata"]!["name"]!).Order(StringComparer.Ordinal)) == names, Bound, () => $"only {names} are left");

    private static Task TaintAsync(NodeProcess node, string name, string taints) =>
        node.AskAsync(HttpMethod.Patch, $"/api/v1/nodes/{name}", $$"""{ "spec": { "taints": {{taints}} } }""", ApiSpace.Merge);
}
