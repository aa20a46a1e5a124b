using Orchestrator.Actors.Api;
using Orchestrator.Actors.Kinds.Ingresses;

namespace Orchestrator.Node.Ingress;

/// <summary>Where requests go that match a path of an Ingress.</summary>
/// <param name="Ingress">Namespace and name of the Ingress, with a slash between.</param>
/// <param name="Backend">The service; null if it is none, so that nobody answers.</param>
/// <param name="Settings">What the annotations of the Ingress say.</param>
/// <param name="Secured">The hosts for which the Ingress has certificates.</param>
internal sealed record IngressRoute(string Ingress, BackendPort? Backend, IngressSettings Settings, HostMap<string> Secured)
{
    /// <summary>Whether a request without TLS is redirected.</summary>
    public bool RedirectsToTls(string host) => Settings.RedirectsToTls && Secured.Find(host) is not null;
}

/// <summary>A port of a service, by its name or its number.</summary>
/// <param name="Service">The service.</param>
/// <param name="Name">Name of the port; null if it has a number.</param>
/// <param name="Number">Its number; 0 if it has a name.</param>
internal sealed record BackendPort(ObjectKey Service, string? Name, int Number);

/// <summary>A rule by which a request finds its route.</summary>
/// <param name="Host">A host, <c>*.</c> and a domain, or empty for any.</param>
/// <param name="Path">The path.</param>
/// <param name="IsExact">Whether the path of the request must be the same, and not only begin with its elements.</param>
/// <param name="Route">Where it leads.</param>
internal sealed record RouteRule(string Host, string Path, bool IsExact, IngressRoute Route);
