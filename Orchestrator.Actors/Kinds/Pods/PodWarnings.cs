using System.Text.Json.Nodes;

namespace Orchestrator.Actors.Kinds.Pods;

/// <summary>What the writer of a pod, or of a template of pods, is told.</summary>
internal static class PodWarnings
{
    /// <param name="path">Where the spec stands.</param>
    /// <param name="spec">The spec.</param>
    public static IEnumerable<string> Of(string path, JsonObject? spec) => spec is null ? [] : UnsupportedFields.Warnings(path, spec).Concat(FractionalBytes.In(path, spec));
}
