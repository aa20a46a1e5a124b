using System.Collections.Immutable;
using k8s.Models;
using Orchestrator.Actors.Feed;
using Orchestrator.Actors.Kinds.Nodes;
using Orchestrator.Actors.Reconcile;
using Orchestrator.Actors.Scheduling;
using Orchestrator.Actors.Workloads;

namespace Orchestrator.Actors.Kinds.Services;

/// <summary>Hints by which each zone has so much of a service's endpoints as it has of the CPU of all nodes, for services that ask for it (Kubernetes, "Topology Aware Routing", <c>topology-mode: Auto</c>). Pure.</summary>
internal static class ZoneShares
{
    /// <summary>Label of a node that names its zone.</summary>
    public const string Label = "topology.kubernetes.io/zone";

    private const string Annotation = "service.kubernetes.io/topology-mode";
    private const string FormerAnnotation = "service.kubernetes.io/topology-aware-hints";

    // By so much more than its share an endpoint may be used, at most.
    private const double MostOverload = 0.2;

    // They are not for ordinary pods, so they send little.
    private static readonly ImmutableArray<string> ControlLabels = ["node-role.kubernetes.io/control-plane", "node-role.kubernetes.io/master"];

    /// <summary>A node that is in a zone wakes the services with such hints.</summary>
    public static readonly WakeRule Wake = new(o => o.Kind == NodeDefinition.Instance && o.Labels.ContainsKey(Label) ? new("", "") : null,
        (_, view) => view.All(ServiceDefinition.Instance).Where(s => IsAsked(s.As<V1Service>())).Select(s => s.Key));

    /// <summary>Whether a service asks for such hints.</summary>
    public static bool IsAsked(V1Service service) =>
        (service.Metadata.Annotations ?? ImmutableDictionary<string, string>.Empty) is var given && (given.TryGetValue(FormerAnnotation, out var mode) || given.TryGetValue(Annotation, out mode)) && mode is "Auto" or "auto";

    /// <summary>What each zone has of the CPU of all nodes that are ready, of 1; none if that is not known of one, or there are no two zones.</summary>
    public static ImmutableSortedDictionary<string, double> Of(IClusterView view)
    {
        var nodes = view.All(NodeDefinition.Instance).Where(n => OuterNodes.IsReady(n) && !ControlLabels.Any(n.Labels.ContainsKey))
            .Select(n => (Zone: n.Labels.GetValueOrDefault(Label, ""), ResourceVector.From(n.As<V1Node>().Status?.Allocatable ?? n.As<V1Node>().Status?.Capacity, roundUp: false).Cpu)).ToList();
        var total = (double)nodes.Sum(n => n.Cpu);
        var shares = nodes.GroupBy(n => n.Zone).ToImmutableSortedDictionary(g => g.Key, g => g.Sum(n => n.Cpu) / total, StringComparer.Ordinal);
        return shares.Count < 2 || nodes.Any(n => n.Zone.Length == 0 || n.Cpu <= 0) ? shares.Clear() : shares;
    }

    /// <summary>Gives each endpoint that is ready to a zone. Most stay with their own.</summary>
    /// <param name="endpoints">The endpoints of a service, of one family.</param>
    /// <param name="shares">See <see cref="Of"/>.</param>
    /// <param name="obstacle">Why none has a hint, as a sentence; null if they have.</param>
    public static IReadOnlyList<ServiceEndpoint> Hint(IReadOnlyList<ServiceEndpoint> endpoints, ImmutableSortedDictionary<string, double> shares, out string? obstacle)
    {
        var ready = endpoints.Where(e => e.IsReady).OrderBy(e => e.Key, StringComparer.Ordinal).ToList();
        var least = shares.ToDictionary(s => s.Key, s => (int)Math.Ceiling(s.Value * ready.Count / (1 + MostOverload)));
        obstacle = shares.IsEmpty ? $"ready nodes must be in two zones at least, each with the label {Label} and CPU in status.allocatable"
            : ready.Any(e => e.Zone is null) ? $"an endpoint is on a node without the label {Label}"
            : ready.Count < shares.Count ? $"there must be an endpoint that is ready for each of {shares.Count} zones"
            : least.Values.Sum() > ready.Count ? "so few endpoints are ready that one would be used by a fifth more than its share"
            : null;
        if (obstacle is not null)
        {
            return endpoints;
        }

        var zoneOf = Settle(ready, shares, least);
        return [.. endpoints.Select(e => zoneOf.TryGetValue(e, out var zone) ? e with { ForZone = zone } : e)];
    }

    private static Dictionary<ServiceEndpoint, string> Settle(List<ServiceEndpoint> ready, ImmutableSortedDictionary<string, double> shares, Dictionary<string, int> least)
    {
        var zones = ready.GroupBy(e => e.Zone!).ToDictionary(g => g.Key, g => new Stack<ServiceEndpoint>(g));
        foreach (var zone in shares.Keys)
        {
            zones.TryAdd(zone, []);
        }

        // First from zones that have no nodes to send anything, then from those that have most above their share.
        while (zones.Keys.Where(z => !shares.ContainsKey(z)).Order(StringComparer.Ordinal).FirstOrDefault(z => zones[z].Count > 0) is { } lost)
        {
            zones[shares.Keys.MinBy(Surplus)!].Push(zones[lost].Pop());
        }

        while (shares.Keys.Where(z => zones[z].Count < least[z]).MinBy(Surplus) is { } poor)
        {
            zones[poor].Push(zones[shares.Keys.Where(z => zones[z].Count > least[z]).MaxBy(Surplus)!].Pop());
        }

        return zones.SelectMany(z => z.Value.Select(e => KeyValuePair.Create(e, z.Key))).ToDictionary(ReferenceEqualityComparer.Instance);

        double Surplus(string zone) => zones[zone].Count - (shares[zone] * ready.Count);
    }
}
