using Orchestrator.Actors.Api;
using Orchestrator.Actors.Feed;
using Orchestrator.Actors.Reconcile;

namespace Orchestrator.Actors.Kinds.Ingresses;

/// <summary>Finds the Ingresses that name the same hosts, and what keeps one of them from its hosts. Pure.</summary>
internal static class HostSharing
{
    // No name of a host has it.
    private const char Between = ' ';

    /// <summary>A change of an Ingress wakes those that name its hosts.</summary>
    public static readonly WakeRule Wake = new(o => o.Kind == IngressDefinition.Instance ? new("", string.Join(Between, IngressReferences.HostsOf(o))) : null,
        (concern, view) => Naming(concern.Name.Split(Between), view).Select(i => i.Key));

    /// <summary>The Ingresses that name one of some hosts.</summary>
    public static IEnumerable<KubeObject> Naming(IEnumerable<string> hosts, IClusterView view) =>
        hosts.SelectMany(h => view.Indexed(IndexKey.Reference(IngressReferences.Host(h)))).Where(o => o.Kind == IngressDefinition.Instance).DistinctBy(i => i.Key);

    /// <summary>The hosts that an Ingress names and does not get.</summary>
    /// <returns>Reasons and sentences of Events.</returns>
    public static IEnumerable<(string Reason, string Message)> FaultsOf(KubeObject ingress, IClusterView view)
    {
        var hosts = IngressReferences.HostsOf(ingress).ToList();
        var owners = new HostOwners(Naming(hosts, view).Where(i => IngressReferences.IsOurs(i, view)));
        return hosts.Select(h => (Host: h, Owner: owners.OwnerBeside(ingress.Namespace, h))).Where(h => h.Owner is not null).Select(h => ("HostTaken", Sentence(h.Host, $"{h.Owner!.Namespace}/{h.Owner.Name}")));
    }

    private static string Sentence(string host, string owner) => host == HostOwners.Any
        ? $"Requests for hosts that nobody names belong to ingress {owner}, which is older: name hosts or have its owner delete it"
        : $"Host \"{host}\" belongs to ingress {owner}, which is older: choose another host or have its owner delete it";
}
