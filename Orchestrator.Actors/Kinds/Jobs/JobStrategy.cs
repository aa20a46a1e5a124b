using System.Text.Json.Nodes;
using Orchestrator.Actors.Validation;
using Orchestrator.Actors.Workloads;
using static Orchestrator.Actors.Api.JsonFilling;

namespace Orchestrator.Actors.Kinds.Jobs;

/// <summary>Rules of Jobs (Kubernetes, "Jobs").</summary>
internal sealed class JobStrategy() : TemplateStrategy("spec.template", "OnFailure", "Never")
{
    public override void Default(JsonObject o)
    {
        base.Default(o);
        if (o["spec"] is JsonObject spec)
        {
            if (spec["completions"] is null && spec["parallelism"] is null)
            {
                Set(spec, "completions", 1);
            }

            Set(spec, "parallelism", 1);
            Set(spec, "backoffLimit", 6);
            Set(spec, "completionMode", "NonIndexed");
            Set(spec, "suspend", false);
        }
    }

    public override void Validate(JsonObject o, FieldErrors errors)
    {
        base.Validate(o, errors);
        Check("spec", o["spec"] as JsonObject, errors);
    }

    public override void ValidateUpdate(JsonObject o, JsonObject old, FieldErrors errors)
    {
        foreach (var field in (string[])["completionMode", "selector", "template"])
        {
            errors.Immutable($"spec.{field}", o["spec"]?[field], old["spec"]?[field]);
        }
    }

    /// <summary>Validates the spec of a job or of a job template.</summary>
    internal static void Check(string path, JsonObject? spec, FieldErrors errors)
    {
        errors.NotNegative(path, spec, "completions", "parallelism", "backoffLimit", "activeDeadlineSeconds", "ttlSecondsAfterFinished", "backoffLimitPerIndex", "maxFailedIndexes");
        errors.OneOf($"{path}.completionMode", (string?)spec?["completionMode"], "Indexed", "NonIndexed");
        if ((string?)spec?["completionMode"] == "Indexed" && spec["completions"] is null)
        {
            errors.Required($"{path}.completions", "when completion mode is Indexed");
        }
    }
}
