using System.Text.Json.Nodes;
using Orchestrator.Tests.Kit;

namespace Orchestrator.Tests.Docker;

/// <summary>Pods of the default namespace, through the API.</summary>
internal static class PodCalls
{
    private static readonly TimeSpan Bound = TimeSpan.FromSeconds(60);

    /// <summary>Makes a pod of the members of a spec; whoever takes it down does not wait for it unless the spec says how long.</summary>
    public static Task CreateAsync(NodeProcess node, string name, string policy, string spec, int grace = 0) => node.AskAsync(HttpMethod.Post, "/api/v1/namespaces/default/pods", $$"""
        { "apiVersion": "v1", "kind": "Pod", "metadata": { "name": "{{name}}" }, "spec": { "restartPolicy": "{{policy}}", "terminationGracePeriodSeconds": {{grace}}, {{spec}} } }
        """);

    /// <summary>The first members of a container that runs a script; the rest of them and its brace are the caller's.</summary>
    public static string Runs(string script, string name = "main") => $$"""
        { "name": "{{name}}", "image": "{{SampleImage.First}}", "imagePullPolicy": "IfNotPresent", "command": [ "sh", "-c", "{{script}}" ]
        """;

    public static Task<JsonNode> PodAsync(NodeProcess node, string name) => node.AskAsync(HttpMethod.Get, $"/api/v1/namespaces/default/pods/{name}");

    /// <summary>Waits until a pod is as it should be.</summary>
    public static async Task<JsonNode> PodIsAsync(NodeProcess node, string name, Func<JsonNode, bool> fact)
    {
        JsonNode? last = null;
        await Poll.UntilAsync(async () => fact(last = await PodAsync(node, name)), Bound, () => $"pod {name}: {last?["status"]?.ToJsonString()}; the node said: {node.Output}");
        return last!;
    }

    /// <summary>Whether a pod is ready.</summary>
    public static bool IsReady(JsonNode pod) => (pod["status"]?["conditions"]?.AsArray() ?? []).Any(c => (string?)c!["type"] == "Ready" && (string?)c["status"] == "True");

    /// <summary>Restarts of its first container.</summary>
    public static int Restarts(JsonNode pod) => (int?)pod["status"]?["containerStatuses"]?[0]?["restartCount"] ?? 0;
}
