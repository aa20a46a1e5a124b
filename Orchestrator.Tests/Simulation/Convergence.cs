using Orchestrator.Actors.Api;
using Orchestrator.Actors.Kinds.CronJobs;
using Orchestrator.Actors.Kinds.DaemonSets;
using Orchestrator.Actors.Kinds.Deployments;
using Orchestrator.Actors.Kinds.HorizontalPodAutoscalers;
using Orchestrator.Actors.Kinds.Jobs;
using Orchestrator.Actors.Kinds.Namespaces;
using Orchestrator.Actors.Kinds.Nodes;
using Orchestrator.Actors.Kinds.Pods;
using Orchestrator.Actors.Kinds.ReplicaSets;
using Orchestrator.Actors.Kinds.StatefulSets;
using Orchestrator.Actors.Workloads;
using Orchestrator.Node.Agent;
using k8s.Models;

namespace Orchestrator.Tests.Simulation;

/// <summary>Whether the cluster is as its users want it.</summary>
internal static class Convergence
{
    /// <summary>Returns what is not yet as it should be; null if nothing is left to do.</summary>
    public static string? Lacks(World world) =>
        world.Journal.Objects.Values.Select(o => world.Parts.Lacks(world, o, Lacks(world, o))).FirstOrDefault(why => why is not null)
            ?? world.Nodes.Select(n => Lacks(world, n)).FirstOrDefault(why => why is not null)
            ?? world.Watchers.Select(w => w.Difference()).FirstOrDefault(why => why is not null);

    private static string? Lacks(World world, KubeObject o) =>
        o.IsDeleting ? $"{o.Key} is still being deleted"
        : o.Namespace.Length > 0 && world.Journal.Find(NamespaceDefinition.Instance.Key(null, o.Namespace)) is null ? $"{o.Key} is in no namespace"
        : o.Owners.FirstOrDefault(r => !world.Journal.Objects.Values.Any(x => x.Uid == r.Uid)) is { } gone ? $"{o.Key} belongs to {gone.Kind} {gone.Name}, which is gone"
        : o.Kind == DeploymentDefinition.Instance ? Deployment(world, o)
        : o.Kind == ReplicaSetDefinition.Instance ? ReplicaSet(world, o)
        : o.Kind == JobDefinition.Instance ? Job(world, o)
        : o.Kind == CronJobDefinition.Instance ? WithCronJobs.Lacks(world, o)
        : o.Kind == HorizontalPodAutoscalerDefinition.Instance ? WithAutoscalers.Lacks(world, o)
        : o.Kind == StatefulSetDefinition.Instance ? WithSets.StatefulSet(world, o)
        : o.Kind == DaemonSetDefinition.Instance ? WithSets.DaemonSet(world, o)
        : IsTask(o) && PodOutline.Of(o).HasEnded ? Tracked(o)
        : o.Kind == PodDefinition.Instance ? Pod(world, o)
        : null;

    private static string? Deployment(World world, KubeObject o)
    {
        var (d, wanted) = (o.As<V1Deployment>(), o.As<V1Deployment>().Spec.Replicas ?? 1);
        var sets = world.Journal.Of(ReplicaSetDefinition.Instance).Where(r => r.Controller?.Uid == o.Uid).Select(r => r.As<V1ReplicaSet>()).ToList();
        var current = Revisions.Current(d, sets);
        return d.Status?.ObservedGeneration != o.Generation ? $"{o.Key} has not observed its generation"
            : current?.Spec.Replicas != wanted ? $"{o.Key} wants {wanted} replicas of its template and its set has {current?.Spec.Replicas}"
            : sets.Any(r => r != current && r.Spec.Replicas != 0) ? $"{o.Key} keeps an old set"
            : (d.Status.UpdatedReplicas ?? 0) != wanted || (d.Status.Replicas ?? 0) != wanted || (d.Status.AvailableReplicas ?? 0) != wanted
                ? $"{o.Key} wants {wanted} replicas and shows {d.Status.UpdatedReplicas} updated, {d.Status.AvailableReplicas} available of {d.Status.Replicas}"
            : null;
    }

    private static string? ReplicaSet(World world, KubeObject o)
    {
        var (rs, wanted) = (o.As<V1ReplicaSet>(), o.As<V1ReplicaSet>().Spec.Replicas ?? 1);
        var pods = world.Journal.Of(PodDefinition.Instance).Where(p => p.Controller?.Uid == o.Uid).Select(PodOutline.Of).Count(p => p.IsActive);
        return rs.Status?.ObservedGeneration != o.Generation ? $"{o.Key} has not observed its generation"
            : pods != wanted ? $"{o.Key} wants {wanted} pods and has {pods}"
            : (rs.Status.Replicas != wanted || (rs.Status.AvailableReplicas ?? 0) != wanted) ? $"{o.Key} wants {wanted} pods and shows {rs.Status.AvailableReplicas} available of {rs.Status.Replicas}"
            : null;
    }

    private static string? Job(World world, KubeObject o)
    {
        var job = o.As<V1Job>();
        var active = world.Journal.Of(PodDefinition.Instance).Where(p => p.Controller?.Uid == o.Uid).Count(p => PodOutline.Of(p).IsActive);
        return JobConditions.End(job) is not null ? active > 0 ? $"{o.Key} ended and has {active} pods" : null
            : job.Spec.Suspend != true ? $"{o.Key} is not at its end"
            : active > 0 || !JobConditions.IsTrue(job, JobConditions.Suspended) ? $"{o.Key} is to be suspended and has {active} pods"
            : null;
    }

    // A pod that ends by itself: of a job, or left over by one.
    private static bool IsTask(KubeObject o) => o.Kind == PodDefinition.Instance && o.As<V1Pod>().Spec.RestartPolicy == "Never";

    private static string? Tracked(KubeObject pod) => pod.Finalizers.IsEmpty ? null : $"{pod.Key} ended and is still tracked";

    private static string? Pod(World world, KubeObject o)
    {
        if (o.NodeName is not { Length: > 0 } name)
        {
            return $"{o.Key} has no node";
        }

        return world.Nodes.FirstOrDefault(n => n.Name == name) is not { } node || world.Journal.Find(NodeDefinition.Instance.Key(null, name)) is null ? $"{o.Key} is on a node that is gone"
            : !node.Runtime.Runs(o.Uid) ? $"{o.Key} does not run"
            : node.Runtime.IsCutOff(o.Uid) ? $"{o.Key} runs in a sandbox that is gone"
            : o.As<V1Pod>().Status.Conditions.FirstOrDefault(c => c.Type == "PodScheduled")?.Status != "True" ? $"{o.Key} is on {name} and is shown as not scheduled"
            : !PodOutline.Of(o).IsReady || o.Phase != "Running" ? $"{o.Key} runs and is not shown as ready"
            : null;
    }

    private static string? Lacks(World world, SimulatedNode node)
    {
        var bound = world.Journal.Of(PodDefinition.Instance).Where(p => p.NodeName == node.Name).Select(p => p.Uid).ToHashSet();
        var ended = world.Journal.Of(PodDefinition.Instance).Where(p => p.NodeName == node.Name && p.Phase is "Succeeded" or "Failed").Select(p => p.Uid).ToHashSet();
        return node.Runtime.List().FirstOrDefault(p => !bound.Contains(p.Uid)) is { } orphan ? $"{node.Name} has pod {orphan.Name}, which is not bound to it"
            : node.Runtime.List().FirstOrDefault(p => p.Containers.Count(c => c.State == ContainerState.Running) != (ended.Contains(p.Uid) ? 0 : 1)) is { } odd ? $"{node.Name} runs {odd.Name} other than once"
            : world.Journal.Find(NodeDefinition.Instance.Key(null, node.Name))?.As<V1Node>() is not { } registered ? $"{node.Name} is not registered"
            : registered.Status?.Conditions?.Any(c => c.Type == "Ready" && c.Status == "True") != true ? $"{node.Name} is not ready"
            : registered.Spec?.Taints?.Count > 0 ? $"{node.Name} keeps a taint"
            : null;
    }
}
