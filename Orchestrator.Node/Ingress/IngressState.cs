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
    private readonly Dictionary<ObjectKey, ServiceSeen> _services = []; // Of the actor alone, as the next one is.
    private IngressPlan _next = IngressPlan.Nothing;
    private volatile IngressSnapshot _now = new(IngressPlan.Nothing, ImmutableDictionary<BackendPort, ServiceEndpoints>.Empty);

    /// <summary>How it is now.</summary>
    public IngressSnapshot Now => _now;

    /// <summary>Takes what is to be done with requests, from when all its services are known: until then nobody is to be told that they have no endpoints.</summary>
    public void Take(IngressPlan plan)
    {
        _next = plan;
        Settle();
    }

    /// <summary>Takes a service as it is now.</summary>
    public void Take(ServiceSeen seen)
    {
        _services[seen.Key] = seen;
        if (ReferenceEquals(Now.Plan, _next))
        {
            _now = Now with { Endpoints = Now.Endpoints.SetItems(EndpointsOf(_next.Backends.Where(b => b.Service == seen.Key))) };
        }
        else
        {
            Settle();
        }
    }

    /// <summary>The certificate for a host; null or empty if the client names none.</summary>
    public SslStreamCertificateContext CertificateFor(string? host) => (string.IsNullOrEmpty(host) ? null : Now.Plan.Certificates.Find(host)) ?? untrusted.Value;

    private void Settle()
    {
        var plan = _next.Services.All(_services.ContainsKey) ? _next : Now.Plan;
        foreach (var gone in _services.Keys.Where(k => !plan.Services.Contains(k) && !_next.Services.Contains(k)).ToList())
        {
            _services.Remove(gone);
        }

        _now = new IngressSnapshot(plan, EndpointsOf(plan.Backends).ToImmutableDictionary());
    }

    private IEnumerable<KeyValuePair<BackendPort, ServiceEndpoints>> EndpointsOf(IEnumerable<BackendPort> ports) =>
        ports.Select(p => KeyValuePair.Create(p, _services.TryGetValue(p.Service, out var seen) ? ServiceEndpoints.Of(seen, p, node) : ServiceEndpoints.None));
}

/// <summary>What is done with requests at a time.</summary>
/// <param name="Plan">The routes and certificates.</param>
/// <param name="Endpoints">The endpoints of all backends of the plan.</param>
internal sealed record IngressSnapshot(IngressPlan Plan, ImmutableDictionary<BackendPort, ServiceEndpoints> Endpoints);
