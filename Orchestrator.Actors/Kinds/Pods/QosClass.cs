using System.Text.Json.Nodes;
using k8s.Models;
using static Orchestrator.Actors.Api.JsonFilling;

namespace Orchestrator.Actors.Kinds.Pods;

/// <summary>How well a pod is served when its node runs short: Guaranteed, Burstable or BestEffort (Kubernetes, "Pod Quality of Service Classes"). Pure.</summary>
internal static class QosClass
{
    private static readonly string[] Counted = ["cpu", "memory"];

    /// <summary>The class of a pod by its spec.</summary>
    public static string Of(V1PodSpec spec) =>
        Of(spec.All().Select(c => (Amounts(n => Amount(c.Resources?.Requests, n)), Amounts(n => Amount(c.Resources?.Limits, n)))));

    /// <summary>The class of a pod by its spec as it is stored.</summary>
    public static string Of(JsonObject? spec) => spec is null ? "BestEffort"
        : Of(Items(spec, "initContainers").Concat(Items(spec, "containers")).Select(c => c["resources"])
            .Select(r => (Amounts(n => Amount(r?["requests"]?[n])), Amounts(n => Amount(r?["limits"]?[n])))));

    // A request that is not given is the limit; zero is as if it were not given.
    private static string Of(IEnumerable<(decimal[] Requests, decimal[] Limits)> containers)
    {
        var all = containers.ToList();
        return all.TrueForAll(c => c.Requests.Concat(c.Limits).All(a => a == 0)) ? "BestEffort"
            : all.TrueForAll(c => Array.TrueForAll(c.Limits, l => l > 0) && c.Requests.Zip(c.Limits, (request, limit) => request == 0 || request == limit).All(isFull => isFull)) ? "Guaranteed"
            : "Burstable";
    }

    private static decimal[] Amounts(Func<string, decimal> of) => [.. Counted.Select(of)];

    private static decimal Amount(IDictionary<string, ResourceQuantity>? list, string name) =>
        list is not null && list.TryGetValue(name, out var quantity) ? quantity.ToDecimal() : 0;

    private static decimal Amount(JsonNode? quantity) => quantity is null ? 0 : new ResourceQuantity(quantity.ToString()).ToDecimal();
}
