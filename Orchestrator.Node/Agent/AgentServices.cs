using Akka.Actor;
using k8s.Models;

namespace Orchestrator.Node.Agent;

/// <summary>What an agent and its pods need.</summary>
/// <param name="Node">Name of the node.</param>
/// <param name="HostIp">Its address.</param>
/// <param name="Runtime">What runs the pods.</param>
/// <param name="RuntimeName">Scheme of container ids.</param>
/// <param name="Gateway">Where desired pods come from.</param>
/// <param name="Region">The entities.</param>
/// <param name="Volumes">Folder under which pods have theirs.</param>
/// <param name="Time">The clock.</param>
/// <param name="StartGate">How many runtime steps may run side by side on the host.</param>
/// <param name="Labels">Labels of the node.</param>
/// <param name="Installation">The host, told from others of its name.</param>
/// <param name="Readiness">Is told how far the node is.</param>
internal sealed record AgentServices(string Node, string HostIp, IContainerRuntime Runtime, string RuntimeName, IActorRef Gateway, IActorRef Region,
    string Volumes, TimeProvider Time, SemaphoreSlim StartGate, IReadOnlyDictionary<string, string> Labels, string Installation, AgentReadiness Readiness)
{
    private RuntimeInfo? _host;

    /// <summary>What the runtime said of the host last; null before its first answer.</summary>
    public RuntimeInfo? Host() => Volatile.Read(ref _host);

    /// <summary>Where a pod can be reached; null while it has no address.</summary>
    public string? AddressOf(V1Pod pod, RuntimePodStatus? observed) => pod.Spec.HostNetwork == true ? HostIp : observed?.Ip;

    /// <summary>Keeps what the runtime said.</summary>
    public void Learn(RuntimeInfo host) => Volatile.Write(ref _host, host);
}
