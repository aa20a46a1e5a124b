using System.Collections.Immutable;
using Orchestrator.Actors.Api;
using Orchestrator.Actors.Workloads;

namespace Orchestrator.Actors.Kinds.NetworkPolicies;

/// <summary>What NetworkPolicies see of a pod.</summary>
/// <param name="Namespace">Its namespace.</param>
/// <param name="Labels">Its labels.</param>
/// <param name="Addresses">Its addresses, or <see cref="ClusterDns"/>.</param>
/// <param name="Ports">Ports of its containers that have a name.</param>
internal sealed record PeerPod(string Namespace, IReadOnlyDictionary<string, string> Labels, ImmutableArray<string> Addresses, ImmutableArray<(NamedPort Port, int Number)> Ports)
{
    /// <summary>What stands for the address of the server of names, which is another one on each node.</summary>
    public const string ClusterDns = "dns";

    private const int DnsPort = 53;

    /// <summary>The server of names that each node has. Policies see it as the pod that it is in most clusters, so that the rules by which users let their pods ask for names hold as they are.</summary>
    public static readonly PeerPod Names = new("kube-system", new Dictionary<string, string> { ["k8s-app"] = "kube-dns" }, [ClusterDns],
        [(new NamedPort("UDP", "dns"), DnsPort), (new NamedPort("TCP", "dns-tcp"), DnsPort)]);

    /// <summary>A pod; null if it has no address of its own (yet, or any more).</summary>
    public static PeerPod? Of(KubeObject pod)
    {
        var outline = PodOutline.Of(pod);
        return outline.HasEnded || outline.IsHostNetwork || outline.Addresses.IsEmpty ? null : new PeerPod(pod.Namespace, pod.Labels, outline.Addresses, PortsOf(pod));
    }

    /// <summary>Whether policies see nothing else of it than of a version of it before. Labels that did not change are the same object.</summary>
    public bool IsSameAs(PeerPod before) => ReferenceEquals(Labels, before.Labels) && Addresses.SequenceEqual(before.Addresses) && Ports.SequenceEqual(before.Ports);

    /// <summary>The ports of a pod's containers that have a name.</summary>
    public static ImmutableArray<(NamedPort Port, int Number)> PortsOf(KubeObject pod) => [.. PodOutline.Of(pod).Ports.Select(p => (new NamedPort(p.Protocol, p.Name), p.Number))];
}
