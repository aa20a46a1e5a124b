using System.Collections.Immutable;
using k8s.Models;
using Orchestrator.Actors.Kinds.Nodes;

namespace Orchestrator.Node.Agent.Launch;

/// <summary>The resolved references of a pod's spec.</summary>
/// <param name="PodIp">Address of the sandbox.</param>
/// <param name="HostIp">Address of the node.</param>
/// <param name="Node">Name of the node.</param>
/// <param name="AllocatableMilliCpu">Value of a CPU limit that is not set.</param>
/// <param name="AllocatableMemory">Value of a memory limit that is not set; bytes.</param>
/// <param name="ConfigMaps">By name; those that do not exist are absent.</param>
/// <param name="Secrets">By name; those that do not exist are absent.</param>
/// <param name="Tokens">The tokens that the pod's volumes show.</param>
internal sealed record LaunchFacts(string? PodIp, string HostIp, string Node, long AllocatableMilliCpu, long AllocatableMemory,
    ImmutableDictionary<string, V1ConfigMap> ConfigMaps, ImmutableDictionary<string, V1Secret> Secrets, ImmutableArray<PodToken> Tokens)
{
    /// <summary>The facts of a pod that refers to nothing.</summary>
    public static LaunchFacts None(string hostIp, string node) => new(null, hostIp, node, 0, 0, ImmutableDictionary<string, V1ConfigMap>.Empty, ImmutableDictionary<string, V1Secret>.Empty, []);

    /// <summary>Address of the sandbox of the other family; null if it has none.</summary>
    public string? SecondPodIp { get; init; }

    /// <summary>Address of the node of the other family; null if it has none.</summary>
    public string? SecondHostIp { get; init; }

    /// <summary>The claims of its volumes by name; those that do not exist are absent.</summary>
    public ImmutableDictionary<string, ClaimedVolume> Claims { get; init; } = ImmutableDictionary<string, ClaimedVolume>.Empty;

    /// <summary>The services that have an address.</summary>
    public IEnumerable<V1Service> Services { get; init; } = [];

    /// <summary>Labels of the node; known for pods with claims.</summary>
    public IReadOnlyDictionary<string, string> NodeLabels { get; init; } = ImmutableDictionary<string, string>.Empty;
}

/// <summary>The spec refers to something that is missing or of another type.</summary>
internal class LaunchException(string message) : Exception(message);
