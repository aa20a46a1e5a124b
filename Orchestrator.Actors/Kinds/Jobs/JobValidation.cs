using System.Text.Json.Nodes;
using Orchestrator.Actors.Api;
using Orchestrator.Actors.Validation;

namespace Orchestrator.Actors.Kinds.Jobs;

/// <summary>Validates the spec of a job or of a job template, with the limits and messages of Kubernetes.</summary>
internal static class JobValidation
{
    private const int MaxManagedBy = 63;
    private const int MaxIndexedParallelism = 100_000;
    private const int MaxFailedIndexes = 100_000;
    private const int MaxWhenManyIndexes = 10_000;
    private const int ManyIndexes = 100_000;

    private static readonly string[] Counts =
    [
        "completions", "parallelism", "backoffLimit", "activeDeadlineSeconds", "ttlSecondsAfterFinished", "backoffLimitPerIndex", "maxFailedIndexes",
    ];

    // What a job that was never started may change of its template (KEP-2926).
    private static readonly string[] Directives = ["nodeSelector", "tolerations", "schedulingGates", "affinity"];

    /// <summary>Validates a spec whose defaults were set.</summary>
    /// <param name="path">Path of the spec.</param>
    /// <param name="spec">The spec.</param>
    /// <param name="errors">Collects the errors.</param>
    public static void Check(string path, JsonObject? spec, FieldErrors errors)
    {
        errors.NotNegative(path, spec, Counts);
        errors.OneOf($"{path}.completionMode", Text(spec, "completionMode"), "NonIndexed", "Indexed");
        if (spec is null)
        {
            return;
        }

        var policy = Text(spec["template"]?["spec"] as JsonObject, "restartPolicy");
        if (policy == "Always")
        {
            errors.Required($"{path}.template.spec.restartPolicy", "valid values: \"OnFailure\", \"Never\"");
        }
        else
        {
            errors.OneOf($"{path}.template.spec.restartPolicy", policy, "OnFailure", "Never");
        }

        ManagedBy($"{path}.managedBy", Text(spec, "managedBy"), errors);
        Indexes(path, spec, errors);
        JobPolicyValidation.Check(path, spec, errors);
        if (spec["podFailurePolicy"] is JsonObject && policy != "Never")
        {
            errors.Invalid($"{path}.template.spec.restartPolicy", policy, "only \"Never\" is supported when podFailurePolicy is specified");
        }

        if (spec["podFailurePolicy"] is JsonObject)
        {
            errors.OneOf($"{path}.podReplacementPolicy", Text(spec, "podReplacementPolicy"), "Failed");
        }
        else
        {
            errors.OneOf($"{path}.podReplacementPolicy", Text(spec, "podReplacementPolicy"), "Failed", "TerminatingOrFailed");
        }
    }

    /// <summary>Validates a change of a job.</summary>
    public static void CheckUpdate(JsonObject o, JsonObject old, FieldErrors errors)
    {
        var (spec, before) = (o["spec"] as JsonObject ?? [], old["spec"] as JsonObject ?? []);
        Completions(spec, before, errors);
        foreach (var field in (string[])["selector", "completionMode", "podFailurePolicy", "backoffLimitPerIndex", "managedBy", "successPolicy"])
        {
            errors.Immutable($"spec.{field}", spec[field], before[field]);
        }

        var mayPlace = JsonFilling.IsTrue(before["suspend"]) && old["status"]?["startTime"] is null;
        if (!JsonNode.DeepEquals(Fixed(spec["template"], mayPlace), Fixed(before["template"], mayPlace)))
        {
            errors.Invalid("spec.template", spec["template"], "field is immutable");
        }
    }

    /// <summary>Checks that the pods of an indexed job can have its name and their indexes as hostnames.</summary>
    public static void CheckHostnames(JsonObject o, FieldErrors errors)
    {
        if (o["spec"] is JsonObject spec && Text(spec, "completionMode") == "Indexed" && spec["completions"].AsInt64() is > 0 and var completions
            && (string?)o["metadata"]?["name"] is { Length: > 0 } name && Names.Label($"{name}-{completions - 1}") is not null)
        {
            errors.Invalid("metadata.name", name, $"will not able to create pod with invalid DNS label: {name}-{completions - 1}");
        }
    }

    private static void ManagedBy(string field, string? value, FieldErrors errors)
    {
        if (value?.Length > MaxManagedBy)
        {
            errors.TooLong(field, MaxManagedBy);
        }
        else if (value is not null && (value.Split('/', 2) is not [var domain, var name] || Names.Subdomain(domain) is not null || name.Length == 0))
        {
            errors.Invalid(field, value, "must be a domain-prefixed path (such as \"acme.io/foo\")");
        }
    }

    private static void Indexes(string path, JsonObject spec, FieldErrors errors)
    {
        var (completions, parallelism) = (spec["completions"].AsInt64(), spec["parallelism"].AsInt64());
        var (perIndex, maxFailed) = (spec["backoffLimitPerIndex"].AsInt64(), spec["maxFailedIndexes"].AsInt64());
        if (maxFailed is not null && perIndex is null)
        {
            errors.Required($"{path}.backoffLimitPerIndex", "when maxFailedIndexes is specified");
        }

        if (Text(spec, "completionMode") != "Indexed")
        {
            if (perIndex is not null)
            {
                errors.Invalid($"{path}.backoffLimitPerIndex", perIndex, "requires indexed completion mode");
            }

            return;
        }

        if (completions is null)
        {
            errors.Required($"{path}.completions", "when completion mode is Indexed");
        }

        AtMost($"{path}.parallelism", parallelism, MaxIndexedParallelism, "when completion mode is Indexed");
        AtMost($"{path}.maxFailedIndexes", maxFailed, MaxFailedIndexes, "");
        if (maxFailed > completions)
        {
            errors.Invalid($"{path}.maxFailedIndexes", maxFailed, "must be less than or equal to completions");
        }

        if (completions > ManyIndexes && perIndex is not null)
        {
            if (maxFailed is null)
            {
                errors.Required($"{path}.maxFailedIndexes", "must be specified when completions is above 100000");
            }

            AtMost($"{path}.parallelism", parallelism, MaxWhenManyIndexes, "when completions are above 100000 and used with backoff limit per index");
            AtMost($"{path}.maxFailedIndexes", maxFailed, MaxWhenManyIndexes, "when completions are above 100000 and used with backoff limit per index");
        }

        void AtMost(string field, long? value, int most, string when)
        {
            if (value > most)
            {
                errors.Invalid(field, value, $"must be less than or equal to {most} {when}".TrimEnd());
            }
        }
    }

    // An indexed job can grow and shrink: its completions change together with its parallelism.
    private static void Completions(JsonObject spec, JsonObject before, FieldErrors errors)
    {
        if (Text(spec, "completionMode") != "Indexed")
        {
            errors.Immutable("spec.completions", spec["completions"], before["completions"]);
        }
        else if (spec["completions"].AsInt64() is { } completions && completions != before["completions"].AsInt64() && completions != spec["parallelism"].AsInt64())
        {
            errors.Invalid("spec.completions", completions, "can only be modified in tandem with spec.parallelism");
        }
    }

    // The template without what may change.
    private static JsonObject Fixed(JsonNode? template, bool mayPlace)
    {
        var copy = template?.DeepClone() as JsonObject ?? [];
        if (mayPlace)
        {
            (copy["metadata"] as JsonObject)?.Remove("annotations");
            (copy["metadata"] as JsonObject)?.Remove("labels");
            foreach (var directive in Directives)
            {
                (copy["spec"] as JsonObject)?.Remove(directive);
            }
        }

        return copy;
    }

    private static string? Text(JsonObject? o, string name) => (string?)o?[name];
}
