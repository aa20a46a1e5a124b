using System.Text.Json.Nodes;
using Orchestrator.Actors.Resources;
using k8s.Models;

namespace Orchestrator.Actors.Kinds.EndpointSlices;

/// <summary>EndpointSlices.</summary>
public static class EndpointSliceDefinition
{
    /// <summary>The kind.</summary>
    public static readonly ResourceDefinition Instance = new()
    {
        Group = "discovery.k8s.io",
        Kind = "EndpointSlice",
        Plural = "endpointslices",
        Model = typeof(V1EndpointSlice),
        Facts = EndpointSliceSchema.Facts,
        Strategy = new EndpointSliceStrategy(),
        Columns =
        [
            Column.Name,
            Column.Field("AddressType", "addressType"),
            new("Ports", r => Joined(r.At("ports"), p => (string?)p?["port"]?.ToString())),
            new("Endpoints", r => Joined(r.At("endpoints"), e => (e?["addresses"] as JsonArray)?.FirstOrDefault()?.ToString())),
            Column.Age,
        ],
    };

    private static string Joined(JsonNode? list, Func<JsonNode?, string?> of) => list is JsonArray { Count: > 0 } items ? string.Join(',', items.Select(of)) : "<unset>";
}
