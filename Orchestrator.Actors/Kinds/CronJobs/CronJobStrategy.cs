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
        Schedule(spec, errors);
        errors.OneOf("spec.concurrencyPolicy", (string?)spec?["concurrencyPolicy"], "Allow", "Forbid", "Replace");
        errors.NotNegative("spec", spec, "startingDeadlineSeconds", "successfulJobsHistoryLimit", "failedJobsHistoryLimit");
        var job = spec?["jobTemplate"]?["spec"] as JsonObject;
        JobValidation.Check("spec.jobTemplate.spec", job, errors);
        StartAfter.Validate(spec?["jobTemplate"] as JsonObject ?? [], JobDefinition.Instance, errors, "spec.jobTemplate.");
        if (IsTrue(job?["manualSelector"]))
        {
            errors.OneOf("spec.jobTemplate.spec.manualSelector", "true", "nil", "false");
        }

        if ((string?)o["metadata"]?["name"] is { Length: > MaxName } name)
        {
            errors.Invalid("metadata.name", name, "must be no more than 52 characters");
        }
    }

    private static void Schedule(JsonObject? spec, FieldErrors errors)
    {
        var (schedule, zone) = ((string?)spec?["schedule"] ?? "", (string?)spec?["timeZone"]);
        Check("spec.timeZone", zone, () => TimeZones.Of(zone));
        if (schedule.Length == 0)
        {
            errors.Required("spec.schedule");
        }
        else if (schedule.Contains("TZ", StringComparison.Ordinal))
        {
            errors.Invalid("spec.schedule", schedule,
                zone is null ? "cannot use TZ or CRON_TZ in schedule, use timeZone field instead" : "cannot use both timeZone field and TZ or CRON_TZ in schedule");
        }
        else
        {
            Check("spec.schedule", schedule, () => CronSchedule.Parse(schedule, TimeZoneInfo.Utc));
        }

        void Check(string field, string? value, Action parse)
        {
            try
            {
                parse();
            }
            catch (FormatException e)
            {
                errors.Invalid(field, value, e.Message);
            }
        }
    }
}
