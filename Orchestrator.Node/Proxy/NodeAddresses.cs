using k8s.Models;
using Orchestrator.Actors.Api;
using Orchestrator.Node.Network;

namespace Orchestrator.Node.Proxy;

/// <summary>Which addresses of services that are addresses of nodes too lead to services here.</summary>
/// <param name="own">Addresses of this node.</param>
/// <param name="others">Addresses of other nodes.</param>
/// <param name="listening">Ports at which processes of this host listen, by protocol.</param>
/// <param name="ofHost">Addresses that its host has beside those of the node, such as at other networks.</param>
internal sealed class NodeAddresses(IReadOnlySet<string> own, IReadOnlySet<string> others, Func<string, IReadOnlySet<int>> listening, Func<IReadOnlySet<string>> ofHost)
{
    private readonly Lazy<IReadOnlySet<string>> _ofHost = new(ofHost);

    /// <summary>Those of a node among others, as its host is now.</summary>
    /// <param name="node">Name of this node.</param>
    /// <param name="nodes">All nodes.</param>
    /// <param name="held">Addresses that the host may have for load balancers alone.</param>
    public static NodeAddresses Of(string node, IEnumerable<KubeObject> nodes, IReadOnlySet<string> held)
    {
        var all = nodes.ToLookup(n => n.Name == node, n => (n.As<V1Node>().Status?.Addresses ?? []).Select(a => a.Address));
        var ports = new Dictionary<string, IReadOnlySet<int>>();
        return new NodeAddresses(all[true].SelectMany(a => a).ToHashSet(), all[false].SelectMany(a => a).ToHashSet(), protocol => ports.TryGetValue(protocol, out var known) ? known : ports[protocol] = HostListeners.Of(protocol),
            () => HostInterfaces.Addresses().Select(a => a.Unicast.Address.ToString()).Where(a => !held.Contains(a)).ToHashSet());
    }

    /// <summary>Whether packets to an address and port go to a service from here. Those to another node are for that node to lead, and where a process of this host listens they go to it: a service must not take
    /// the place of its server, such as that for secure shells.</summary>
    public bool Lead(string address, string protocol, int port) => !others.Contains(address) && (!(own.Contains(address) || _ofHost.Value.Contains(address)) || !listening(protocol).Contains(port));
}
