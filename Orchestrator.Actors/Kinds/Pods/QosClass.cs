using System.Text.Json.Nodes;
using Orchestrator.Actors.Api;
using k8s.Models;
using static Orchestrator.Actors.Api.JsonFilling;

namespace Orchestrator.Actors.Kinds.Pods;

/// <summary>The quality of service class: Guaranteed, Burstable or BestEffort (Kubernetes, "Pod Quality of Service Classes"). Pure.</summary>
internal static class QosClass
{
    private static readonly string[] Counted = ["cpu", "memory"];

    /// <summary>Returns the class for a typed spec.</summary>
    public static string Of(V1PodSpec spec) =>
        Of(spec.All().Select(c => (Amounts(n => Amount(c.Resources?.Requests, n)), Amounts(n => Amount(c.Resources?.Limits, n)))));

    /// <summary>Returns the class for the JSON of a spec.</summary>
    public static string Of(JsonObject? spec) => spec is null ? "BestEffort"
        : Of(Items(spec, "initContainers").Concat(Items(spec, "containers")).Select(c => c["resources"])
            .Select(r => (Amounts(n => Amount(r?["requests"]?[n])), Amounts(n => Amount(r?["limits"]?[n])))));

    // An absent request equals the limit. Zero counts as absent.
    private static string Of(IEnumerable<(Int128[] Requests, Int128[] Limits)> containers)
    {
        var all = containers.ToList();
        return all.TrueForAll(c => c.Requests.Concat(c.Limits).All(a => a == 0)) ? "BestEffort"
            : all.TrueForAll(c => Array.TrueForAll(c.Limits, l => l > 0) && c.Requests.Zip(c.Limits, (request, limit) => request == 0 || request == limit).All(isFull => isFull)) ? "Guaranteed"
            : "Burstable";
    }

    private static Int128[] Amounts(Func<string, Int128> of) => [.. Counted.Select(of)];

    private static Int128 Amount(IDictionary<string, ResourceQuantity>? list, string name) =>
        list is not null && list.TryGetValue(name, out var quantity) ? Quantity.Read(quantity.ToString())?.Nanos ?? 0 : 0;

    private static Int128 Amount(JsonNode? quantity) => Quantity.Read(quantity)?.Nanos ?? 0;
}
