using System.Collections.Immutable;
using System.Net.Security;
using Orchestrator.Actors.Api;
using Orchestrator.Node.Proxy;

namespace Orchestrator.Node.Ingress;

/// <summary>What requests look at: written by one actor, read by all requests. A request goes on with what it has found.</summary>
/// <param name="node">Name of the node.</param>
/// <param name="untrusted">The certificate of hosts that have none.</param>
internal sealed class IngressState(string node, Lazy<SslStreamCertificateContext> untrusted)
{
    private readonly Dictionary<ObjectKey, ServiceSeen> _services = []; // Of the actor alone.
    private volatile IngressSnapshot _now = new(IngressPlan.Nothing, ImmutableDictionary<BackendPort, ServiceEndpoints>.Empty);

    /// <summary>How it is now.</summary>
    public IngressSnapshot Now => _now;

    /// <summary>Whether all services of the plan are known.</summary>
    public bool IsComplete => Now.Plan.Services.All(_services.ContainsKey);

    /// <summary>Takes what is to be done with requests.</summary>
    public void Take(IngressPlan plan)
    {
        foreach (var gone in _services.Keys.Where(k => !plan.Services.Contains(k)).ToList())
        {
            _services.Remove(gone);
        }

        _now = new IngressSnapshot(plan, plan.Backends.ToImmutableDictionary(b => b, EndpointsOf));
    }

    /// <summary>Takes a service as it is now.</summary>
    public void Take(ServiceSeen seen)
    {
        if (Now.Plan.Services.Contains(seen.Key))
        {
            _services[seen.Key] = seen;
            _now = Now with { Endpoints = Now.Endpoints.SetItems(Now.Plan.Backends.Where(b => b.Service == seen.Key).Select(b => KeyValuePair.Create(b, EndpointsOf(b)))) };
        }
    }

    /// <summary>The certificate for a host; null or empty if the client names none.</summary>
    public SslStreamCertificateContext CertificateFor(string? host) => (string.IsNullOrEmpty(host) ? null : Now.Plan.Certificates.Find(host)) ?? untrusted.Value;

    private ServiceEndpoints EndpointsOf(BackendPort port) => _services.TryGetValue(port.Service, out var seen) ? ServiceEndpoints.Of(seen, port, node) : ServiceEndpoints.None;
}

/// <summary>What is done with requests at a time.</summary>
/// <param name="Plan">The routes and certificates.</param>
/// <param name="Endpoints">The endpoints of all backends of the plan.</param>
internal sealed record IngressSnapshot(IngressPlan Plan, ImmutableDictionary<BackendPort, ServiceEndpoints> Endpoints);
