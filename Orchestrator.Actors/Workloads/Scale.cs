using System.Text.Json.Nodes;
using Orchestrator.Actors.Api;
using Orchestrator.Actors.Resources;

namespace Orchestrator.Actors.Workloads;

/// <summary>The scale of a workload: its subresource <c>scale</c> (Kubernetes API reference, "Scale").</summary>
/// <param name="Replicas">Desired number of pods.</param>
/// <param name="StatusReplicas">Observed number of pods.</param>
/// <param name="Selector">Selector of its pods in one line, as a query has it; empty if it has none.</param>
public sealed record Scale(int Replicas, int StatusReplicas, string Selector)
{
    /// <summary>Reads the scale of an object of a kind that has one; cached for each version.</summary>
    public static Scale Of(KubeObject workload) => workload.Outline(o => Of(o.ToNode(), o.Kind.ScalePaths));

    /// <summary>Reads the scale of an object of a kind that has one.</summary>
    public static Scale Of(JsonObject o, ScalePaths paths) => new(
        Number(o, paths.Replicas, paths == ScalePaths.Usual ? 1 : 0), Number(o, paths.StatusReplicas, 0),
        paths == ScalePaths.Usual ? Line(o["spec"]?["selector"] as JsonObject ?? []) : paths.Selector is null ? "" : ScalePaths.Text(o, paths.Selector) ?? "");

    private static int Number(JsonObject o, string path, int absent) => (int)Math.Clamp(ScalePaths.Number(o, path) ?? absent, 0, int.MaxValue);

    // The older kinds have a selector of labels alone.
    private static string Line(JsonObject selector)
    {
        var expressions = selector["matchExpressions"] as JsonArray;
        var labels = selector["matchLabels"] as JsonObject ?? (expressions is null ? selector : []);
        return string.Join(",", labels.Select(p => $"{p.Key}={p.Value}").Concat((expressions ?? []).Select(e => (string?)e?["operator"] switch
        {
            "In" => $"{e["key"]} in ({string.Join(",", e["values"] as JsonArray ?? [])})",
            "NotIn" => $"{e["key"]} notin ({string.Join(",", e["values"] as JsonArray ?? [])})",
            "DoesNotExist" => $"!{e["key"]}",
            _ => $"{e?["key"]}",
        })));
    }
}
