using System.Text.Json.Nodes;
using Orchestrator.Actors.Kinds.Jobs;
using Orchestrator.Actors.Validation;
using Orchestrator.Actors.Workloads;
using static Orchestrator.Actors.Api.JsonFilling;

namespace Orchestrator.Actors.Kinds.CronJobs;

/// <summary>Rules of CronJobs (Kubernetes, "CronJob").</summary>
internal sealed class CronJobStrategy() : TemplateStrategy("spec.jobTemplate.spec.template")
{
    private const int MaxName = 52;

    public override void Default(JsonObject o)
    {
        base.Default(o);
        if (o["spec"] is JsonObject spec)
        {
            Set(spec, "concurrencyPolicy", "Allow");
            Set(spec, "suspend", false);
            Set(spec, "successfulJobsHistoryLimit", 3);
            Set(spec, "failedJobsHistoryLimit", 1);
        }
    }

    public override void Validate(JsonObject o, FieldErrors errors)
    {
        base.Validate(o, errors);
        var spec = o["spec"] as JsonObject;
        if ((string?)spec?["schedule"] is null or "")
        {
            errors.Required("spec.schedule");
        }

        errors.OneOf("spec.concurrencyPolicy", (string?)spec?["concurrencyPolicy"], "Allow", "Forbid", "Replace");
        errors.NotNegative("spec", spec, "startingDeadlineSeconds", "successfulJobsHistoryLimit", "failedJobsHistoryLimit");
        JobValidation.Check("spec.jobTemplate.spec", spec?["jobTemplate"]?["spec"] as JsonObject, errors);
        if ((string?)o["metadata"]?["name"] is { Length: > MaxName } name)
        {
            errors.Invalid("metadata.name", name, "must be no more than 52 characters");
        }
    }
}
