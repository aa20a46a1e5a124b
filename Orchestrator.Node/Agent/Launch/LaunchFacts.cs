using System.Collections.Immutable;
using k8s.Models;

namespace Orchestrator.Node.Agent.Launch;

/// <summary>What a pod's spec refers to, looked up.</summary>
/// <param name="PodIp">Address of the sandbox.</param>
/// <param name="HostIp">Address of the node.</param>
/// <param name="Node">Name of the node.</param>
/// <param name="AllocatableMilliCpu">What a CPU limit that is not set counts as.</param>
/// <param name="AllocatableMemory">What a memory limit that is not set counts as; bytes.</param>
/// <param name="ConfigMaps">By name; those that do not exist are absent.</param>
/// <param name="Secrets">By name; those that do not exist are absent.</param>
internal sealed record LaunchFacts(string? PodIp, string HostIp, string Node, long AllocatableMilliCpu, long AllocatableMemory,
    ImmutableDictionary<string, V1ConfigMap> ConfigMaps, ImmutableDictionary<string, V1Secret> Secrets);

/// <summary>The spec refers to something that is not there or not as it says.</summary>
internal sealed class LaunchException(string message) : Exception(message);
