using k8s.Models;
using Orchestrator.Actors.Workloads;

namespace Orchestrator.Actors.Scheduling;

/// <summary>The reasons why a node cannot take a pod; none if it can.</summary>
/// <param name="Reasons">The reasons, worded as in Kubernetes.</param>
/// <param name="IsLasting">Whether they hold whatever pods leave the node.</param>
internal readonly record struct Verdict(IReadOnlyList<string>? Reasons, bool IsLasting = false)
{
    public static Verdict Fits => default;

    public bool Ok => Reasons is null or { Count: 0 };

    public static Verdict If(bool ok, string reason) => ok ? Fits : new([reason]);

    public static Verdict Unless(bool ok, string lasting) => ok ? Fits : new([lasting], IsLasting: true);
}

/// <summary>Decides which nodes can take a pod. <see cref="For"/> returns null if the filter rules out no node for this pod.</summary>
internal interface INodeFilter
{
    string Name { get; }

    Func<NodeSnapshot, Verdict>? For(PodInfo pod);
}

/// <summary>A filter given by a function.</summary>
internal sealed record NodeFilter(string Name, Func<PodInfo, Func<NodeSnapshot, Verdict>?> Make) : INodeFilter
{
    public Func<NodeSnapshot, Verdict>? For(PodInfo pod) => Make(pod);
}

/// <summary>All filters in order. The first one that rules out a node gives the reasons.</summary>
internal static class Filters
{
    private static readonly V1Taint UnschedulableTaint =
        new() { Key = "node.kubernetes.io/unschedulable", Effect = "NoSchedule" };

    public static IReadOnlyList<INodeFilter> All { get; } =
    [
        new NodeFilter("NodeUnschedulable", pod => NodeRequirements.Tolerates(pod.Tolerations, UnschedulableTaint)
            ? null
            : node => Verdict.Unless(!node.Unschedulable, "node(s) were unschedulable")),
        new NodeFilter("NodeName", pod => pod.NodeName is not { } name
            ? null
            : node => Verdict.Unless(node.Name == name, "node(s) didn't match the requested node name")),
        new NodeFilter("TaintToleration", pod => node => Taints(pod, node)),
        new NodeFilter("NodeAffinity", Affinity),
        new NodeFilter("NodePorts", pod => pod.Ports.Count == 0
            ? null
            : node => Verdict.If(
                !node.Ports.Any(taken => pod.Ports.Any(taken.Conflicts)),
                "node(s) didn't have free ports for the requested pod ports")),
        new NodeFilter("NodeResourcesFit", pod => node => Resources(pod.Requests, node)),
        new NodeFilter("VolumeBinding", pod => pod.Volumes is not { } volumes ? null : volumes.Ask),
    ];

    /// <summary>Whether a pod tolerates the taints of a node.</summary>
    internal static Verdict Taints(PodInfo pod, NodeSnapshot node)
    {
        foreach (var taint in node.Taints)
        {
            if (taint.Effect is "NoSchedule" or "NoExecute" && !NodeRequirements.Tolerates(pod.Tolerations, taint))
            {
                return Verdict.Unless(false, $"node(s) had untolerated taint {{{taint.Key}: {taint.Value}}}");
            }
        }

        return Verdict.Fits;
    }

    /// <summary>Whether nodes have what a pod's node selector and affinity demand; null if they demand nothing.</summary>
    internal static Func<NodeSnapshot, Verdict>? Affinity(PodInfo pod)
    {
        var terms = pod.NodeAffinity?.RequiredDuringSchedulingIgnoredDuringExecution?.NodeSelectorTerms;
        return pod.NodeSelector.Count == 0 && terms is null
            ? null
            : node => Verdict.Unless(
                pod.NodeSelector.All(p => node.Labels.TryGetValue(p.Key, out var value) && value == p.Value)
                    && (terms is null || terms.Any(t => NodeRequirements.Matches(t, node.Name, node.Labels))),
                "node(s) didn't match Pod's node affinity/selector");
    }

    private static Verdict Resources(ResourceVector wanted, NodeSnapshot node)
    {
        var free = node.Free;
        List<string>? reasons = null;
        Check(free.Pods < 1, "Too many pods");
        Check(wanted.Cpu > 0 && wanted.Cpu > free.Cpu, "Insufficient cpu");
        Check(wanted.Memory > 0 && wanted.Memory > free.Memory, "Insufficient memory");
        Check(wanted.Storage > 0 && wanted.Storage > free.Storage, "Insufficient ephemeral-storage");
        return new(reasons);

        void Check(bool lacking, string reason)
        {
            if (lacking)
            {
                (reasons ??= []).Add(reason);
            }
        }
    }
}
