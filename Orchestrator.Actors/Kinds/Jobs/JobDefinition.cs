using System.Text.Json.Nodes;
using Orchestrator.Actors.Resources;
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
        Columns =
        [
            Column.Name,
            new("Status", r => Status(r)),
            new("Completions", r => $"{r.Text("status.succeeded") ?? "0"}/{r.Text("spec.completions") ?? "1"}"),
            new("Duration", r => r.Time("status.startTime") is { } start ? Orchestrator.Actors.Api.Tables.Age.Of(start, r.Time("status.completionTime") is { } end ? new DateTimeOffset(end, TimeSpan.Zero) : r.Now) : ""),
            Column.Age,
            .. Column.Containers(),
            Column.Labels("Selector", "spec.selector.matchLabels"),
        ],
        FieldLabels = [new("status.successful", o => FieldLabel.Leaf(o, "status.succeeded", "0"))],
        Support = Support.Stored,
        Strategy = new JobStrategy(),
    };

    private static string Status(TableRow row)
    {
        bool Has(string type) => (row.At("status.conditions") as JsonArray ?? []).Any(c => (string?)c?["type"] == type && (string?)c["status"] == "True");
        return Has("Complete") ? "Complete" : Has("Failed") ? "Failed" : row.Object.IsDeleting ? "Terminating" : Has("Suspended") ? "Suspended" : "Running";
    }
}
