using System.Collections.Immutable;
using System.Text.Json.Nodes;
using Orchestrator.Actors.Resources;

namespace Orchestrator.Actors.Admission;

/// <summary>Warnings of annotations of our domain that have no effect: whoever misspells one, or writes it in the wrong place, would never know. Pure.</summary>
internal static class AnnotationWarnings
{
    private const string Domain = "orchestrator.io/";
    private static readonly ILookup<string, ResourceDefinition> Heeding = BuiltIn.All.SelectMany(k => k.Annotations.Select(a => (a, k))).ToLookup(p => p.a, p => p.k);
    private static readonly ImmutableHashSet<string> Kept = [.. BuiltIn.All.SelectMany(k => k.KeptAnnotations)];
    private static readonly ResourceDefinition Pods = BuiltIn.All.Single(k => k.RunsOnNodes);

    /// <summary>The warnings of an object and of the pod template in it.</summary>
    /// <param name="kind">Kind of the object.</param>
    /// <param name="o">The object.</param>
    public static IEnumerable<string> Of(ResourceDefinition kind, JsonObject o)
    {
        var job = o["spec"] is JsonObject spec ? spec["jobTemplate"] as JsonObject : null;
        return [.. In(kind, o, ""), .. In(Pods, Template(o), "spec.template."), .. In(Pods, Template(job), "spec.jobTemplate.spec.template.")];
    }

    private static JsonObject? Template(JsonObject? o) => o?["spec"] is JsonObject spec ? spec["template"] as JsonObject : null;

    private static IEnumerable<string> In(ResourceDefinition kind, JsonObject? o, string path) =>
        o?["metadata"] is JsonObject metadata && metadata["annotations"] is JsonObject annotations
            ? annotations.Select(a => a.Key).Where(k => k.StartsWith(Domain, StringComparison.Ordinal) && !Kept.Contains(k) && !kind.Annotations.Contains(k)).Select(k => $"{path}metadata.annotations[{k}]: {Why(kind, k)}")
            : [];

    private static string Why(ResourceDefinition kind, string key) => Heeding[key].ToList() is { Count: > 0 } heeding
        ? $"it has no effect on {kind.Plural}, but on {string.Join(", ", heeding.Select(k => k.Plural).Order(StringComparer.Ordinal))}"
        : $"there is no such annotation; there are {string.Join(", ", Heeding.Select(h => h.Key[Domain.Length..]).Order(StringComparer.Ordinal))}";
}
