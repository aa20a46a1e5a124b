using System.Net;
using System.Text.Json.Nodes;
using k8s.Models;
using Orchestrator.Actors.Api;
using Orchestrator.Actors.Entities;
using Orchestrator.Actors.Feed;
using Orchestrator.Actors.Journal;
using Orchestrator.Actors.Kinds.IPAddresses;
using Orchestrator.Actors.Reconcile;
using Orchestrator.Actors.Validation;

namespace Orchestrator.Actors.Kinds.Nodes;

/// <summary>Gives a node its ranges of pod addresses, <c>spec.podCIDRs</c>: one of each family of the cluster. An IPAddress with the first address of a range reserves it: there is one
/// object of a name, so no two nodes have the same range, whatever their controllers saw. It goes with its node.</summary>
internal static class PodRangePlanner
{
    private static readonly TimeSpan Recheck = TimeSpan.FromSeconds(30);
    private const string By = "system:node-ipam-controller";

    /// <summary>The next step; null if the node has its ranges. Without commands if there is none left: the node is cared for all the same.</summary>
    /// <param name="self">The node.</param>
    /// <param name="ranges">The ranges of the cluster.</param>
    /// <param name="view">All objects.</param>
    /// <param name="cause">Revision of the event that led to the plan.</param>
    public static ControllerPlan? Plan(KubeObject self, PodRanges ranges, IClusterView view, long cause)
    {
        if (self.IsDeleting)
        {
            return null;
        }

        var reserved = view.Indexed(IndexKey.Owner(self.Uid)).Where(o => o.Kind == IPAddressDefinition.Instance && !o.IsDeleting).Select(o => IPAddress.TryParse(o.Name, out var address) ? address : null).OfType<IPAddress>().ToList();
        var (held, given) = (RangesOf(self), new List<IPNetwork>());
        var commands = new List<ObjectCommand>();
        foreach (var family in ranges.Families)
        {
            var own = held.Where(h => IsOf(family, h)).ToList();
            if (reserved.Where(family.Has).ToList() is [var address, ..])
            {
                given.AddRange(own is [] ? [new IPNetwork(address, family.NodePrefix)] : []);
            }
            else if (own is [var kept, ..])
            {
                // One that was given by hand, or whose reservation somebody deleted, is nobody else's either.
                var key = IPAddressDefinition.Instance.Key(null, kept.BaseAddress.ToString());
                commands.AddRange(family.Has(kept.BaseAddress) && view.Find(key) is null ? [Reserve(self, key, cause)] : []);
            }
            else if (Free(self, family, view) is { } free)
            {
                commands.Add(Reserve(self, free, cause));
            }
            else
            {
                var message = $"Node {self.Name} status is now: CIDRNotAvailable: all {family.Count} ranges of {family.Cluster} have a node";
                return new ControllerPlan([], Recheck) { Findings = [new Finding("CIDRNotAvailable", new RecordedEvent("Warning", "CIDRNotAvailable", message, "cidrAllocator"), By)] };
            }
        }

        if (commands.Count > 0)
        {
            return new ControllerPlan([.. commands], null);
        }

        // All at once: what a node has is not changed any more, but for a family that came to the cluster later.
        return given.Count == 0 ? null : new ControllerPlan([new MergeObject(self.Key, self.Uid, Patch([.. held, .. given]), "addressed", By, cause, ExpectedRevision: self.Revision)], null);
    }

    private static bool IsOf(PodRange family, IPNetwork range) => range.BaseAddress.AddressFamily == family.Cluster.BaseAddress.AddressFamily;

    private static ObjectKey? Free(KubeObject self, PodRange family, IClusterView view)
    {
        var taken = view.All(NodeDefinition.Instance).SelectMany(RangesOf).Where(r => IsOf(family, r)).ToList();
        return family.For(self.Name).Where(r => !taken.Any(t => IpAddresses.Overlap(r, t))).Select(r => IPAddressDefinition.Instance.Key(null, r.BaseAddress.ToString())).FirstOrDefault(k => view.Find(k) is null);
    }

    private static IReadOnlyList<IPNetwork> RangesOf(KubeObject node) => NodeRanges.Parsed(node.As<V1Node>());

    private static JsonObject Patch(IReadOnlyList<IPNetwork> ranges) => new()
    {
        ["spec"] = new JsonObject { ["podCIDR"] = ranges[0].ToString(), ["podCIDRs"] = new JsonArray([.. ranges.Select(r => JsonValue.Create(r.ToString()))]) },
    };

    private static CreateObject Reserve(KubeObject node, ObjectKey address, long cause) => new(address, Reservation(node, address.Name), By, cause);

    private static JsonObject Reservation(KubeObject node, string address) => new()
    {
        ["apiVersion"] = IPAddressDefinition.Instance.ApiVersion,
        ["kind"] = IPAddressDefinition.Instance.Kind,
        ["metadata"] = new JsonObject
        {
            ["name"] = address,
            ["ownerReferences"] = new JsonArray(new JsonObject
            {
                ["apiVersion"] = "v1",
                ["kind"] = NodeDefinition.Instance.Kind,
                ["name"] = node.Name,
                ["uid"] = node.Uid,
                ["controller"] = true,
            }),
        },
        ["spec"] = new JsonObject { ["parentRef"] = new JsonObject { ["resource"] = NodeDefinition.Instance.Plural, ["name"] = node.Name } },
    };
}
