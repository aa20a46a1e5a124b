using System.Text.Json.Nodes;

namespace Orchestrator.Actors.Kinds.Pods;

/// <summary>Warnings for the client that writes a pod or a pod template.</summary>
internal static class PodWarnings
{
    /// <param name="path">Path of the spec.</param>
    /// <param name="spec">The spec.</param>
    public static IEnumerable<string> Of(string path, JsonObject? spec) => spec is null ? [] : UnsupportedFields.Warnings(path, spec).Concat(FractionalBytes.In(path, spec));
}
