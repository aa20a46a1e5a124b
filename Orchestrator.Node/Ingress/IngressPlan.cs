using System.Collections.Immutable;
using System.Net.Security;
using k8s.Models;
using Orchestrator.Actors.Api;
using Orchestrator.Actors.Kinds.Ingresses;
using Orchestrator.Actors.Kinds.Secrets;
using Orchestrator.Actors.Kinds.Services;

namespace Orchestrator.Node.Ingress;

/// <summary>What a node does with requests, made of all Ingresses that it serves and their certificates.</summary>
/// <param name="Routes">Where requests go.</param>
/// <param name="Certificates">The certificates by host.</param>
/// <param name="Backends">The ports of services that requests go to.</param>
/// <param name="IsEmpty">Whether there is no Ingress, so that nobody has to listen.</param>
internal sealed record IngressPlan(RoutingTable Routes, HostMap<SslStreamCertificateContext> Certificates, ImmutableHashSet<BackendPort> Backends, bool IsEmpty)
{
    /// <summary>Without any Ingress.</summary>
    public static readonly IngressPlan Nothing = new(new RoutingTable([], []), new HostMap<SslStreamCertificateContext>(), [], true);

    /// <summary>The services that requests go to.</summary>
    public ImmutableHashSet<ObjectKey> Services { get; } = [.. Backends.Select(b => b.Service)];

    /// <summary>Makes a plan. A host is the matter of the namespace that has it (<see cref="HostOwners"/>); where Ingresses of it say different things of the same, the oldest one counts.</summary>
    /// <param name="objects">Ingresses and Secrets.</param>
    /// <param name="certificate">Reads the certificate of a Secret; null if it has none.</param>
    public static IngressPlan Of(IEnumerable<KubeObject> objects, Func<KubeObject, ServerCertificate?> certificate)
    {
        var known = objects.ToLookup(o => o.Kind == IngressDefinition.Instance);
        var shown = known[false].Select(s => (s.Key, Certificate: certificate(s))).ToDictionary(s => s.Key, s => s.Certificate);
        var owners = new HostOwners(known[true]);
        var parts = known[true].OldestFirst<V1Ingress>().Select(o => new Part(o.As<V1Ingress>(), shown, owners)).ToList();
        var certificates = new HostMap<SslStreamCertificateContext>();
        foreach (var (host, context) in parts.SelectMany(p => p.Certificates))
        {
            certificates.TryAdd(host, context);
        }

        var (rules, usual) = (parts.SelectMany(p => p.Rules).ToList(), parts.SelectMany(p => p.Usual).ToList());
        return new IngressPlan(new RoutingTable(rules, usual), certificates, [.. rules.Select(r => r.Route.Backend).Concat(usual.Select(u => u.Route.Backend)).OfType<BackendPort>()], parts.Count == 0);
    }

    /// <summary>What one Ingress adds.</summary>
    private sealed class Part
    {
        private readonly V1Ingress _ingress;
        private readonly HostOwners _owners;
        private readonly HostMap<string> _secured = new();
        private readonly IngressSettings _settings;

        public Part(V1Ingress ingress, IReadOnlyDictionary<ObjectKey, ServerCertificate?> shown, HostOwners owners)
        {
            (_ingress, _owners) = (ingress, owners);
            _settings = IngressSettings.Read(ingress.Metadata.Annotations).Settings;
            foreach (var tls in ingress.Spec?.Tls ?? [])
            {
                var found = shown.GetValueOrDefault(SecretDefinition.Instance.Key(ingress.Metadata.NamespaceProperty, tls.SecretName ?? ""));
                foreach (var host in (tls.Hosts is { Count: > 0 } named ? [.. named] : found?.Hosts ?? []).Where(IsOwn))
                {
                    _secured.TryAdd(host, host);
                    Certificates.AddRange(found is null ? [] : [(host, found.Context)]);
                }
            }
        }

        public List<(string Host, SslStreamCertificateContext Context)> Certificates { get; } = [];

        public IEnumerable<RouteRule> Rules => Own.SelectMany(r => (r.Http?.Paths ?? []).Select(p => new RouteRule(r.Host ?? HostOwners.Any, p.Path ?? "", p.PathType == "Exact", Route(p.Backend))));

        // The default backend is for the hosts of its own rules, and for those of nobody.
        public IEnumerable<(string Host, IngressRoute Route)> Usual => _ingress.Spec?.DefaultBackend is { } backend ? Own.Select(r => r.Host ?? HostOwners.Any).Concat(IsOwn(HostOwners.Any) ? [HostOwners.Any] : []).Distinct().Select(h => (h, Route(backend))) : [];

        private IEnumerable<V1IngressRule> Own => (_ingress.Spec?.Rules ?? []).Where(r => IsOwn(r.Host));

        private bool IsOwn(string? host) => _owners.OwnerBeside(_ingress.Metadata.NamespaceProperty, host ?? HostOwners.Any) is null;

        private IngressRoute Route(V1IngressBackend? backend)
        {
            var space = _ingress.Metadata.NamespaceProperty;
            var port = backend?.Service is not { } service ? null
                : new BackendPort(ServiceDefinition.Instance.Key(space, service.Name), service.Port?.Name is { Length: > 0 } name ? name : null, service.Port?.Number ?? 0);
            return new IngressRoute($"{space}/{_ingress.Metadata.Name}", port, _settings, _secured);
        }
    }
}
