using System.Text.Json.Nodes;
using Orchestrator.Actors.Resources;
using k8s.Models;

namespace Orchestrator.Actors.Kinds.ResourceQuotas;

/// <summary>ResourceQuotas.</summary>
public static class ResourceQuotaDefinition
{
    /// <summary>The kind.</summary>
    public static readonly ResourceDefinition Instance = new()
    {
        Kind = "ResourceQuota",
        Plural = "resourcequotas",
        Model = typeof(V1ResourceQuota),
        Facts = ResourceQuotaSchema.Facts,
        ShortNames = ["quota"],
        Subresources = ["status"],
        Columns =
        [
            Column.Name,
            new("Request", r => Used(r, "limits.", isLimit: false)),
            new("Limit", r => Used(r, "limits.", isLimit: true)),
            Column.Age,
        ],
        OwnAnnotations = QuotaReservation.Annotations,
        Strategy = new ResourceQuotaStrategy(),
    };

    private static string Used(TableRow row, string prefix, bool isLimit) => string.Join(", ", (row.At("status.hard") as JsonObject ?? [])
        .Where(h => h.Key.StartsWith(prefix, StringComparison.Ordinal) == isLimit)
        .OrderBy(h => h.Key, StringComparer.Ordinal)
        .Select(h => $"{h.Key}: {row.At("status.used")?[h.Key] ?? "0"}/{h.Value}"));
}
