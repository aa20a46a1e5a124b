using k8s.Models;

namespace Orchestrator.Actors.Kinds.Pods;

/// <summary>The kinds of containers of a pod (Kubernetes, "Sidecar Containers").</summary>
internal static class PodContainers
{
    /// <summary>Whether an init container is a sidecar, which keeps running beside the main containers.</summary>
    public static bool IsSidecar(this V1Container init) => init.RestartPolicy == "Always";

    /// <summary>The sidecars, in order.</summary>
    public static IEnumerable<V1Container> Sidecars(this V1PodSpec spec) => (spec.InitContainers ?? []).Where(IsSidecar);

    /// <summary>The init containers that are not sidecars, in order.</summary>
    public static IEnumerable<V1Container> PlainInits(this V1PodSpec spec) => (spec.InitContainers ?? []).Where(c => !c.IsSidecar());

    /// <summary>The containers that run as long as the pod: sidecars, then main containers.</summary>
    public static IEnumerable<V1Container> Lasting(this V1PodSpec spec) => spec.Sidecars().Concat(spec.Containers);

    /// <summary>All containers that the spec of a new pod has, in start order.</summary>
    public static IEnumerable<V1Container> All(this V1PodSpec spec) => (spec.InitContainers ?? []).Concat(spec.Containers);

    /// <summary>All containers that may run in the pod, ephemeral ones too.</summary>
    public static IEnumerable<V1Container> Possible(this V1PodSpec spec) => spec.EphemeralContainers is { Count: > 0 } ? spec.All().Concat(EphemeralContainers.Of(spec)) : spec.All();
}
