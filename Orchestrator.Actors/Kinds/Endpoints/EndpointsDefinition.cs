using System.Text.Json.Nodes;
using Orchestrator.Actors.Resources;
using k8s.Models;

namespace Orchestrator.Actors.Kinds.Endpoints;

/// <summary>Endpoints.</summary>
public static class EndpointsDefinition
{
    private const int Shown = 3;

    /// <summary>The kind.</summary>
    public static readonly ResourceDefinition Instance = new()
    {
        Kind = "Endpoints",
        Plural = "endpoints",
        Model = typeof(V1Endpoints),
        Facts = EndpointsSchema.Facts,
        Strategy = new EndpointsStrategy(),
        ShortNames = ["ep"],
        Columns = [Column.Name, new("Endpoints", r => Addresses(r.At("subsets") as JsonArray ?? [])), Column.Age],
    };

    private static string Addresses(JsonArray subsets)
    {
        var all = subsets.SelectMany(s => (s?["ports"] as JsonArray ?? [null]).SelectMany(p => (s?["addresses"] as JsonArray ?? []).Select(a => p is null ? $"{a?["ip"]}" : $"{a?["ip"]}:{p["port"]}"))).ToList();
        return all.Count == 0 ? "<none>" : string.Join(',', all.Take(Shown)) + (all.Count > Shown ? $" + {all.Count - Shown} more..." : "");
    }
}
