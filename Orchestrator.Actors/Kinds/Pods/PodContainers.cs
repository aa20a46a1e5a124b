using k8s.Models;

namespace Orchestrator.Actors.Kinds.Pods;

/// <summary>The sorts of containers that a pod has (Kubernetes, "Sidecar Containers").</summary>
internal static class PodContainers
{
    /// <summary>Whether an init container is a sidecar: started in its turn, it stays beside the main containers.</summary>
    public static bool IsSidecar(this V1Container init) => init.RestartPolicy == "Always";

    /// <summary>Those init containers that stay, in their order.</summary>
    public static IEnumerable<V1Container> Sidecars(this V1PodSpec spec) => (spec.InitContainers ?? []).Where(IsSidecar);

    /// <summary>Those init containers that must end, in their order.</summary>
    public static IEnumerable<V1Container> PlainInits(this V1PodSpec spec) => (spec.InitContainers ?? []).Where(c => !c.IsSidecar());

    /// <summary>What runs as long as the pod does: sidecars, then main containers.</summary>
    public static IEnumerable<V1Container> Lasting(this V1PodSpec spec) => spec.Sidecars().Concat(spec.Containers);

    /// <summary>Every container, in the order in which they are started.</summary>
    public static IEnumerable<V1Container> All(this V1PodSpec spec) => (spec.InitContainers ?? []).Concat(spec.Containers);
}
