using k8s.Models;
using Orchestrator.Actors.Api;

namespace Orchestrator.Actors.Kinds.Ingresses;

/// <summary>Says whose each host is: that of the namespace of the oldest Ingress that names it. Ingresses of that namespace share the host; those of others have no route and no certificate for it. Pure: nodes
/// route by it, and the controller tells of it, so that they cannot differ.</summary>
/// <remarks>A domain (<c>*.example.com</c>) is a host of its own, beside those of its names. So is any host that nobody names (<see cref="Any"/>).</remarks>
public sealed class HostOwners
{
    /// <summary>The host of rules without one and of default backends.</summary>
    public const string Any = "";

    private readonly Dictionary<string, KubeObject> _oldest = [];

    /// <summary>Looks at Ingresses.</summary>
    /// <param name="ingresses">The Ingresses that are served and name the hosts in question.</param>
    public HostOwners(IEnumerable<KubeObject> ingresses)
    {
        foreach (var ingress in ingresses.OldestFirst<V1Ingress>())
        {
            foreach (var host in IngressReferences.HostsOf(ingress))
            {
                _oldest.TryAdd(host, ingress);
            }
        }
    }

    /// <summary>The Ingress by which a host belongs to another namespace; null if it does not.</summary>
    /// <param name="ns">The namespace that would have it.</param>
    /// <param name="host">The host, in any form.</param>
    public KubeObject? OwnerBeside(string ns, string host) => _oldest.GetValueOrDefault(Normal(host)) is { } owner && owner.Namespace != ns ? owner : null;

    /// <summary>The one form of a host: names of hosts are the same in small and large letters, and with a dot at their end.</summary>
    public static string Normal(string host) => host.TrimEnd('.').ToLowerInvariant();
}
