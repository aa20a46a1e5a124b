using System.Globalization;
using k8s.Models;
using Orchestrator.Actors.Api;
using Orchestrator.Actors.Kinds.Secrets;
using Orchestrator.Actors.Kinds.Services;
using Orchestrator.Actors.Resources;

namespace Orchestrator.Actors.Kinds.Ingresses;

/// <summary>What is wrong with an Ingress that is served, although it is valid. Pure.</summary>
internal static class IngressFindings
{
    /// <summary>Looks at what an Ingress says and names.</summary>
    /// <returns>Reasons and sentences of Events.</returns>
    public static IEnumerable<(string Reason, string Message)> Of(V1Ingress ingress, IAdmissionView view, DateTimeOffset now) =>
    [
        .. IngressSettings.Read(ingress.Metadata.Annotations).Faults.Select(f => ("InvalidAnnotation", $"Annotation {f.Annotation}: {f.Fault}; the default is used")),
        .. Backends(ingress).Select(b => FaultOf(b, ingress.Metadata.NamespaceProperty, view)).OfType<(string, string)>().Distinct(),
        .. (ingress.Spec.Tls ?? []).SelectMany(t => FaultsOf(t, ingress.Metadata.NamespaceProperty, view, now)).Distinct().Select(f => ("InvalidCertificate", f)),
    ];

    /// <summary>When the first certificate of an Ingress expires that has not; null if none does.</summary>
    public static DateTimeOffset? NextExpiry(V1Ingress ingress, IAdmissionView view, DateTimeOffset now) => (ingress.Spec.Tls ?? [])
        .Where(t => !string.IsNullOrEmpty(t.SecretName)).Select(t => view.Find(SecretDefinition.Instance.Key(ingress.Metadata.NamespaceProperty, t.SecretName))).OfType<KubeObject>()
        .Select(s => TlsCertificate.Read(s.As<V1Secret>()).Certificate?.Leaf.NotAfter).Where(end => end > now.LocalDateTime).Min() is { } first ? new DateTimeOffset(first) : null;

    private static IEnumerable<V1IngressBackend> Backends(V1Ingress ingress) =>
        (ingress.Spec.Rules ?? []).SelectMany(r => r.Http?.Paths ?? []).Select(p => p.Backend).Prepend(ingress.Spec.DefaultBackend).Where(b => b is not null);

    private static (string Reason, string Message)? FaultOf(V1IngressBackend backend, string ns, IAdmissionView view)
    {
        if (backend.Service is not { } named)
        {
            return ("BackendNotSupported", $"Backend {backend.Resource?.Kind} {backend.Resource?.Name}: only services are served; its requests are answered with 503");
        }

        if (view.Find(ServiceDefinition.Instance.Key(ns, named.Name))?.As<V1Service>() is not { } service)
        {
            return ("ServiceNotFound", $"Service {named.Name} does not exist; its requests are answered with 503");
        }

        var port = named.Port?.Name is { Length: > 0 } name ? name : named.Port?.Number?.ToString(CultureInfo.InvariantCulture);
        return service.Spec?.Type == "ExternalName" ? ("BackendNotSupported", $"Service {named.Name} is the alias of another name, which has no endpoints; its requests are answered with 503")
            : service.Spec?.Ports?.Any(p => p.Name == port || p.Port.ToString(CultureInfo.InvariantCulture) == port) == true ? null
            : ("ServicePortNotFound", $"Service {named.Name} has no port {port}; its requests are answered with 503");
    }

    private static IEnumerable<string> FaultsOf(V1IngressTLS tls, string ns, IAdmissionView view, DateTimeOffset now)
    {
        if (string.IsNullOrEmpty(tls.SecretName))
        {
            return [];
        }

        if (view.Find(SecretDefinition.Instance.Key(ns, tls.SecretName)) is not { } secret)
        {
            return [$"Secret {tls.SecretName} does not exist; the certificate of the cluster is shown instead"];
        }

        return TlsCertificate.Read(secret.As<V1Secret>()) switch
        {
            ({ } certificate, _) => (tls.Hosts is { Count: > 0 } hosts ? [.. hosts] : certificate.Hosts).Select(h => certificate.FaultFor(h, now)).OfType<string>().Select(f => $"Secret {tls.SecretName}: {f}"),
            (_, { } fault) => [$"Secret {tls.SecretName}: {fault}; the certificate of the cluster is shown instead"],
            _ => [],
        };
    }
}
