using Orchestrator.Actors.Resources;
using k8s.Models;

namespace Orchestrator.Actors.Kinds.CronJobs;

/// <summary>CronJobs.</summary>
public static class CronJobDefinition
{
    /// <summary>The kind.</summary>
    public static readonly ResourceDefinition Instance = new()
    {
        Group = "batch",
        Kind = "CronJob",
        Plural = "cronjobs",
        Model = typeof(V1CronJob),
        Facts = CronJobSchema.Facts,
        ShortNames = ["cj"],
        Subresources = ["status"],
        Categories = ["all"],
        Columns =
        [
            Column.Name,
            Column.Field("Schedule", "spec.schedule"),
            Column.Field("Timezone", "spec.timeZone", "<none>"),
            new("Suspend", r => r.Text("spec.suspend") == "true" ? "True" : "False"),
            Column.Count("Active", "status.active"),
            new("Last Schedule", r => r.Time("status.lastScheduleTime") is null ? "<none>" : Column.Since("", "status.lastScheduleTime").Cell(r)),
            Column.Age,
            .. Column.Containers("spec.jobTemplate.spec.template.spec"),
            Column.Labels("Selector", "spec.jobTemplate.spec.selector.matchLabels"),
        ],
        Strategy = new CronJobStrategy(),
    };
}
