using System.Text.Json.Nodes;
using Orchestrator.Actors.Api;
using Orchestrator.Actors.Resources;
using Orchestrator.Actors.Validation;

namespace Orchestrator.Actors.Workloads;

/// <summary>Reads the annotation by which a workload names others that must be complete before its first pods are created.</summary>
internal static class StartAfter
{
    /// <summary>On a workload: others of its namespace, such as <c>statefulset/db, job/migrate</c>.</summary>
    public const string Annotation = "orchestrator.io/start-after";

    /// <summary>Returns what an object names; what is invalid is left out.</summary>
    public static IEnumerable<ObjectKey> References(JsonObject o) =>
        Entries(o).Select(e => Read((string?)o["metadata"]?["namespace"], e)).OfType<ObjectKey>().Distinct();

    /// <summary>Reports entries that name no workload.</summary>
    public static void Validate(JsonObject o, FieldErrors errors)
    {
        foreach (var entry in Entries(o).Where(e => Read("default", e) is null))
        {
            errors.Invalid($"metadata.annotations[{Annotation}]", entry,
                $"must be a kind and a name, such as statefulset/db, where the kind is one of {string.Join(", ", Targets.Select(k => k.Singular))}; separate several by commas");
        }
    }

    /// <summary>Such as <c>statefulset/db</c>.</summary>
    public static string Text(ObjectKey key) => $"{BuiltIn.All.FirstOrDefault(k => k.Resource == key.Resource)?.Singular ?? key.Resource}/{key.Name}";

    private static IEnumerable<ResourceDefinition> Targets => BuiltIn.All.Where(k => k.Completion is not null);

    private static string[] Entries(JsonObject o) => ((string?)o["metadata"]?["annotations"]?[Annotation] ?? "").Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries);

    private static ObjectKey? Read(string? ns, string entry) =>
        entry.Split('/') is [var kind, var name] && Names.Subdomain(name) is null && Targets.FirstOrDefault(k => IsNamed(k, kind.ToLowerInvariant())) is { } target
            ? target.Key(ns, name) : null;

    private static bool IsNamed(ResourceDefinition kind, string name) => name == kind.Singular || name == kind.Plural || name == kind.Resource || kind.ShortNames.Contains(name);
}
