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

    /// <summary>On a workload that waits: the jobs among them that have succeeded. One that is deleted since is not waited for.</summary>
    public const string SucceededAnnotation = "orchestrator.io/start-after-succeeded";

    /// <summary>Condition: True while the workload waits, False once it may start.</summary>
    public const string Condition = "StartGated";

    /// <summary>Returns what an object names; what is invalid is left out.</summary>
    public static IEnumerable<ObjectKey> References(JsonObject o) => Named(o, Annotation);

    /// <summary>Returns what an object need not wait for any more.</summary>
    public static IReadOnlyList<ObjectKey> Succeeded(JsonObject o) => [.. Named(o, SucceededAnnotation)];

    /// <summary>Reports entries that name no workload.</summary>
    /// <param name="o">The object, or a template of objects.</param>
    /// <param name="kind">Its kind.</param>
    /// <param name="errors">Takes the errors.</param>
    /// <param name="path">Where the template is.</param>
    public static void Validate(JsonObject o, ResourceDefinition kind, FieldErrors errors, string path = "")
    {
        var (field, self) = ($"{path}metadata.annotations[{Annotation}]", kind.Key("default", (string?)o["metadata"]?["name"] ?? ""));
        foreach (var entry in Entries(o, Annotation).Where(e => Read("default", e) == self))
        {
            errors.Invalid(field, entry, "must not be the workload itself");
        }

        foreach (var entry in Entries(o, Annotation).Where(e => Read("default", e) is null))
        {
            errors.Invalid(field, entry,
                $"must be a kind and a name, such as statefulset/db, where the kind is one of {string.Join(", ", Targets.Select(k => k.Singular))}; separate several by commas");
        }
    }

    /// <summary>Such as <c>statefulset/db</c>.</summary>
    public static string Text(ObjectKey key) => $"{BuiltIn.All.FirstOrDefault(k => k.Resource == key.Resource)?.Singular ?? key.Resource}/{key.Name}";

    private static IEnumerable<ResourceDefinition> Targets => BuiltIn.All.Where(k => k.Completion is not null);

    private static IEnumerable<ObjectKey> Named(JsonObject o, string annotation) =>
        Entries(o, annotation).Select(e => Read((string?)o["metadata"]?["namespace"], e)).OfType<ObjectKey>().Distinct();

    private static string[] Entries(JsonObject o, string annotation) => ((string?)o["metadata"]?["annotations"]?[annotation] ?? "").Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries);

    private static ObjectKey? Read(string? ns, string entry) =>
        entry.Split('/') is [var kind, var name] && Names.Subdomain(name) is null && Targets.FirstOrDefault(k => IsNamed(k, kind.ToLowerInvariant())) is { } target
            ? target.Key(ns, name) : null;

    private static bool IsNamed(ResourceDefinition kind, string name) => name == kind.Singular || name == kind.Plural || name == kind.Resource || kind.ShortNames.Contains(name);
}
