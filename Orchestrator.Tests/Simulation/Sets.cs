using Orchestrator.Actors.Api;
using Orchestrator.Actors.Feed;
using Orchestrator.Actors.Kinds.Nodes;
using Orchestrator.Actors.Kinds.Pods;
using Orchestrator.Actors.Kinds.StatefulSets;
using Orchestrator.Actors.Reconcile;
using Orchestrator.Actors.Workloads;
using System.Collections.Frozen;
using k8s.Models;

namespace Orchestrator.Tests.Simulation;

/// <summary>Worlds whose users want stateful sets and daemon sets too: pods with names that come back, and pods that belong on a node.</summary>
internal class WithSets : Parts
{
    public override bool HasSets => true;

    /// <summary>Returns what a stateful set lacks; null if nothing.</summary>
    public static string? StatefulSet(World world, KubeObject o)
    {
        var (set, wanted) = (o.As<V1StatefulSet>(), o.As<V1StatefulSet>().Spec.Replicas ?? 1);
        var pods = Pods(world, o).OrderBy(p => p.Name, StringComparer.Ordinal).ToList();
        return set.Status?.ObservedGeneration != o.Generation ? $"{o.Key} has not observed its generation"
            : !pods.Select(p => p.Name).SequenceEqual(Enumerable.Range(0, wanted).Select(i => StatefulPod.NameOf(o.Name, i))) ? $"{o.Key} wants {wanted} pods and has {string.Join(' ', pods.Select(p => p.Name))}"
            : pods.Any(p => p.Labels.GetValueOrDefault(StatefulPod.RevisionLabel) != set.Status.UpdateRevision) ? $"{o.Key} has pods of an older template"
            : (set.Status.ReadyReplicas ?? 0) != wanted || set.Status.Replicas != wanted ? $"{o.Key} wants {wanted} pods and shows {set.Status.ReadyReplicas} of {set.Status.Replicas}"
            : set.Status.CurrentRevision != set.Status.UpdateRevision ? $"{o.Key} does not say that its rollout is over"
            : null;
    }

    /// <summary>Returns what a daemon set lacks; null if nothing.</summary>
    public static string? DaemonSet(World world, KubeObject o)
    {
        var (set, nodes) = (o.As<V1DaemonSet>(), world.Journal.Of(NodeDefinition.Instance).Select(n => n.Name).Order(StringComparer.Ordinal).ToList());
        var pods = Pods(world, o).ToList();
        return set.Status?.ObservedGeneration != o.Generation ? $"{o.Key} has not observed its generation"
            : !pods.Select(p => p.NodeName ?? "").Order(StringComparer.Ordinal).SequenceEqual(nodes) ? $"{o.Key} has pods on {string.Join(' ', pods.Select(p => p.NodeName))}, and the nodes are {string.Join(' ', nodes)}"
            : set.Status.DesiredNumberScheduled != nodes.Count || (set.Status.UpdatedNumberScheduled ?? 0) != nodes.Count || (set.Status.NumberAvailable ?? 0) != nodes.Count
                ? $"{o.Key} shows {set.Status.UpdatedNumberScheduled} updated and {set.Status.NumberAvailable} available of {set.Status.DesiredNumberScheduled}, and there are {nodes.Count} nodes"
            : null;
    }

    private static IEnumerable<KubeObject> Pods(World world, KubeObject o) =>
        world.Journal.Of(PodDefinition.Instance).Where(p => p.Controller?.Uid == o.Uid && PodOutline.Of(p).IsActive);
}

/// <summary>A bug: stateful sets do not look again when a pod is ready.</summary>
internal sealed class StopsAtTheFirstPod : WithSets
{
    private static readonly FrozenDictionary<string, IController> Broken = new Parts().Controllers.Values
        .Select(c => c.Kind == StatefulSetDefinition.Instance ? new OncePerPod(c) : c).ToFrozenDictionary(c => c.Kind.Resource);

    public override IReadOnlyDictionary<string, IController> Controllers => Broken;

    private sealed class OncePerPod(IController real) : IController
    {
        public Actors.Resources.ResourceDefinition Kind => real.Kind;

        public System.Collections.Immutable.ImmutableArray<WakeRule> WokenBy => real.WokenBy;

        // It sees its pods as they were made.
        public ControllerPlan Plan(KubeObject self, IClusterView view, PlanContext context) =>
            view.Indexed(IndexKey.Owner(self.Uid)).Any(p => p.Kind == PodDefinition.Instance) ? ControllerPlan.Nothing : real.Plan(self, view, context);
    }
}
