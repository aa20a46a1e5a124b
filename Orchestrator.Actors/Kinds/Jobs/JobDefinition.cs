using System.Text.Json.Nodes;
using Orchestrator.Actors.Api.Tables;
using Orchestrator.Actors.Resources;
using Orchestrator.Actors.Workloads;
using k8s.Models;

namespace Orchestrator.Actors.Kinds.Jobs;

/// <summary>Jobs.</summary>
public static class JobDefinition
{
    /// <summary>The kind.</summary>
    public static readonly ResourceDefinition Instance = new()
    {
        Group = "batch",
        Kind = "Job",
        Plural = "jobs",
        Model = typeof(V1Job),
        Facts = JobSchema.Facts,
        Subresources = ["status"],
        Categories = ["all"],
        TrackingFinalizer = "batch.kubernetes.io/job-tracking",
        Columns =
        [
            Column.Name,
            new("Status", r => Status(r)),
            new("Completions", r => Completions(r)),
            new("Duration", r => Duration(r)),
            Column.Age,
            .. Column.Containers(),
            Column.Labels("Selector", "spec.selector.matchLabels"),
        ],
        FieldLabels = [new("status.successful", o => FieldLabel.Leaf(o, "status.succeeded", "0"))],
        Metrics = JobMetrics.All,
        Strategy = new JobStrategy(),
        References = StartAfter.References,
        Annotations = [StartAfter.Annotation],
        Completion = o => JobConditions.End(o.As<V1Job>())?.Type switch { JobConditions.Complete => Completion.Complete, JobConditions.Failed => Completion.Failed, _ => Completion.Incomplete },
        CompletesForGood = true,
    };

    private static string Status(TableRow row)
    {
        bool Has(string type) => (row.At("status.conditions") as JsonArray ?? []).Any(c => (string?)c?["type"] == type && (string?)c["status"] == "True");
        return Has("Complete") ? "Complete" : Has("Failed") ? "Failed" : row.Object.IsDeleting ? "Terminating" : Has("Suspended") ? "Suspended"
            : Has("FailureTarget") ? "FailureTarget" : Has("SuccessCriteriaMet") ? "SuccessCriteriaMet" : Has(StartAfter.Condition) ? StartAfter.Condition : "Running";
    }

    // Without completions any pod that succeeds ends the job, so only their number is known.
    private static string Completions(TableRow row)
    {
        var succeeded = row.Text("status.succeeded") ?? "0";
        return row.Text("spec.completions") is { } completions ? $"{succeeded}/{completions}"
            : row.Text("spec.parallelism") is { } parallelism and not ("0" or "1") ? $"{succeeded}/1 of {parallelism}"
            : $"{succeeded}/1";
    }

    private static string Duration(TableRow row) => row.Time("status.startTime") is not { } start ? ""
        : Age.Of(start, row.Time("status.completionTime") is { } end ? new DateTimeOffset(end, TimeSpan.Zero) : row.Now);
}
