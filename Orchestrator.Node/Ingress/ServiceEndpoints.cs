using System.Collections.Immutable;
using k8s.Models;
using Orchestrator.Actors.Kinds.Ingresses;
using Orchestrator.Actors.Kinds.Services;
using Orchestrator.Node.Proxy;

namespace Orchestrator.Node.Ingress;

/// <summary>Where requests to a port of a service go. Pure.</summary>
/// <param name="Protocol">How the endpoints are spoken to, by what the service says of its port.</param>
/// <param name="Addresses">Addresses with ports of those that take requests.</param>
internal sealed record ServiceEndpoints(BackendProtocol Protocol, ImmutableArray<string> Addresses)
{
    /// <summary>Of a port that leads nowhere.</summary>
    public static readonly ServiceEndpoints None = new(BackendProtocol.Http, []);

    /// <summary>Finds the endpoints of a port: those that are ready, and if there are none, those that end and still answer (as for packets, see <see cref="ServiceRules.Used"/>).</summary>
    /// <param name="seen">The service with its slices.</param>
    /// <param name="port">The port.</param>
    /// <param name="node">Name of this node.</param>
    public static ServiceEndpoints Of(ServiceSeen seen, BackendPort port, string node)
    {
        var spec = seen.Service?.As<V1Service>().Spec;
        if (spec is null || spec.Type == "ExternalName" || spec.Ports?.FirstOrDefault(p => port.Name is { } name ? p.Name == name : p.Port == port.Number) is not { } found)
        {
            return None;
        }

        var all = ServiceRoutes.Endpoints(found, seen.Slices.Select(s => s.As<V1EndpointSlice>()).Where(s => s.AddressType == ServiceFamilies.Of(spec)[0]), node);
        return new ServiceEndpoints(ProtocolOf(found.AppProtocol), [.. ServiceRules.Used(all).Select(e => e.Text)]);
    }

    // Kubernetes, "Service", application protocol.
    private static BackendProtocol ProtocolOf(string? name) => name?.ToLowerInvariant() switch
    {
        "kubernetes.io/h2c" or "grpc" => BackendProtocol.Http2,
        "https" or "kubernetes.io/wss" => BackendProtocol.Https,
        _ => BackendProtocol.Http,
    };
}
