using System.Net;
using System.Text.Json.Nodes;
using k8s.Models;
using Orchestrator.Actors.Api;
using Orchestrator.Actors.Entities;
using Orchestrator.Actors.Feed;
using Orchestrator.Actors.Journal;
using Orchestrator.Actors.Kinds.IPAddresses;
using Orchestrator.Actors.Reconcile;

namespace Orchestrator.Actors.Kinds.Nodes;

/// <summary>Gives a node its range of pod addresses, <c>spec.podCIDR</c>. An IPAddress with the first address of the range reserves it: there is one object of a name, so no
/// two nodes have the same range, whatever their controllers saw. It goes with its node.</summary>
internal static class PodRangePlanner
{
    private static readonly TimeSpan Recheck = TimeSpan.FromSeconds(30);
    private const string By = "system:node-ipam-controller";

    /// <summary>The next step; null if the node has its range. Without commands if there is none left: the node is cared for all the same.</summary>
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

        var reserved = view.Indexed(IndexKey.Owner(self.Uid)).FirstOrDefault(o => o.Kind == IPAddressDefinition.Instance && !o.IsDeleting && ranges.Has(o.Name));
        if (RangeOf(self) is { } held)
        {
            // One that was given by hand, or whose reservation somebody deleted, is nobody else's either.
            var key = IPAddressDefinition.Instance.Key(null, held.BaseAddress.ToString());
            return reserved is null && ranges.Has(key.Name) && view.Find(key) is null ? new ControllerPlan([new CreateObject(key, Reservation(self, key.Name), By, cause)], null) : null;
        }

        if (reserved is not null)
        {
            var range = $"{reserved.Name}/{ranges.NodePrefix}";
            var patch = new JsonObject { ["spec"] = new JsonObject { ["podCIDR"] = range, ["podCIDRs"] = new JsonArray(range) } };
            return new ControllerPlan([new MergeObject(self.Key, self.Uid, patch, "addressed", By, cause, ExpectedRevision: self.Revision)], null);
        }

        var taken = view.All(NodeDefinition.Instance).Select(RangeOf).OfType<IPNetwork>().ToList();
        var free = ranges.For(self.Name).Where(r => !taken.Any(t => PodRanges.Overlap(r, t))).Select(r => IPAddressDefinition.Instance.Key(null, r.BaseAddress.ToString())).FirstOrDefault(k => view.Find(k) is null);
        if (free is null)
        {
            var message = $"Node {self.Name} status is now: CIDRNotAvailable: all {ranges.Count} ranges of {ranges.Cluster} have a node";
            return new ControllerPlan([], Recheck) { Findings = [new Finding("CIDRNotAvailable", new RecordedEvent("Warning", "CIDRNotAvailable", message, "cidrAllocator"), By)] };
        }

        return new ControllerPlan([new CreateObject(free, Reservation(self, free.Name), By, cause)], null);
    }

    private static IPNetwork? RangeOf(KubeObject node) => IPNetwork.TryParse(node.As<V1Node>().Spec?.PodCIDR ?? "", out var range) ? range : null;

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
