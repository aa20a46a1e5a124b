using System.Text.Json.Nodes;
using Orchestrator.Actors.Api;
using Orchestrator.Actors.Kinds.Pods;
using Orchestrator.Actors.Workloads;
using k8s.Models;

namespace Orchestrator.Actors.Kinds.Deployments;

/// <summary>Rolls a deployment that asks for it when a ConfigMap or Secret of its template changes: the versions are pinned in an annotation of the template,
/// so that each replica set stands for one of them (ADR 0017).</summary>
internal static class ConfigPin
{
    /// <summary>On a deployment: <c>"true"</c> to roll.</summary>
    public const string Annotation = "orchestrator.io/roll-on-config-change";

    /// <summary>On its pod template: the versions, such as <c>configmap/settings=4f2a81c09e, secret/token=90b1c5d7aa</c>.</summary>
    public const string Versions = "orchestrator.io/config-versions";

    public static bool IsOn(V1Deployment d) => d.GetAnnotation(Annotation) == "true";

    /// <summary>What a deployment that asks for it is concerned by.</summary>
    public static IEnumerable<ObjectKey> References(JsonObject d) => (string?)d["metadata"]?["annotations"]?[Annotation] == "true"
        ? ConfigReference.In(d["spec"]?["template"]?["spec"] as JsonObject).Select(r => r.Kind.Key((string?)d["metadata"]?["namespace"], r.Name)) : [];

    /// <summary>Returns the versions to pin in a template; null for none.</summary>
    /// <param name="template">The template with what is pinned now.</param>
    /// <param name="version">The version of what is named; null if it does not exist.</param>
    /// <remarks>What pods need and is gone keeps its version: those that run are not replaced by some that could not start.</remarks>
    public static string? Of(V1PodTemplateSpec template, Func<ConfigReference, string?> version)
    {
        var pinned = Pinned(template);
        var now = ConfigReference.In(template.Spec is null ? null : (JsonObject)Models.ToNode(template.Spec))
            .Select(r => (Name: r.ToString(), Version: version(r) ?? (r.IsOptional ? null : pinned.GetValueOrDefault(r.ToString()))))
            .Where(p => p.Version is not null).ToList();
        return now.Count == 0 ? null : string.Join(", ", now.Select(p => $"{p.Name}={p.Version}"));
    }

    /// <summary>The versions that are pinned in a template; null if none are.</summary>
    public static string? In(V1PodTemplateSpec template) => template.Metadata?.Annotations is { } all && all.TryGetValue(Versions, out var text) ? text : null;

    /// <summary>Returns a template with other versions.</summary>
    public static V1PodTemplateSpec With(V1PodTemplateSpec template, string? versions)
    {
        if (versions == In(template))
        {
            return template;
        }

        var copy = Models.Copy(template);
        copy.Metadata ??= new V1ObjectMeta();
        copy.Metadata.Annotations ??= new Dictionary<string, string>();
        if (versions is null)
        {
            copy.Metadata.Annotations.Remove(Versions);
            copy.Metadata.Annotations = copy.Metadata.Annotations.Count == 0 ? null : copy.Metadata.Annotations;
        }
        else
        {
            copy.Metadata.Annotations[Versions] = versions;
        }

        return copy;
    }

    /// <summary>Says what differs between the template and the versions to pin.</summary>
    public static string Change(V1PodTemplateSpec template, string? versions)
    {
        var (before, after) = (Pinned(template), Read(versions));
        if (before.Count == 0)
        {
            return $"Pods get the configuration {versions}";
        }

        var changes = before.Keys.Union(after.Keys, StringComparer.Ordinal).Order(StringComparer.Ordinal).Where(n => before.GetValueOrDefault(n) != after.GetValueOrDefault(n))
            .Select(n => !after.TryGetValue(n, out var now) ? $"{n} is gone" : !before.TryGetValue(n, out var old) ? $"{n} is new ({now})" : $"{n} changed from {old} to {now}");
        return $"Configuration changed: {string.Join(", ", changes)}";
    }

    private static Dictionary<string, string> Pinned(V1PodTemplateSpec template) => Read(In(template));

    private static Dictionary<string, string> Read(string? versions) => (versions ?? "").Split(", ", StringSplitOptions.RemoveEmptyEntries)
        .Select(p => p.Split('=')).Where(p => p.Length == 2).DistinctBy(p => p[0]).ToDictionary(p => p[0], p => p[1], StringComparer.Ordinal);
}
