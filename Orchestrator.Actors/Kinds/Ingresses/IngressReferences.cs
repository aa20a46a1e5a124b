using System.Text.Json.Nodes;
using Orchestrator.Actors.Api;
using Orchestrator.Actors.Kinds.IngressClasses;
using Orchestrator.Actors.Kinds.Secrets;
using Orchestrator.Actors.Kinds.Services;
using Orchestrator.Actors.Validation;

namespace Orchestrator.Actors.Kinds.Ingresses;

/// <summary>What an Ingress names: its class, its services, the Secrets of its certificates, and its hosts.</summary>
internal static class IngressReferences
{
    // A host is no object, but whoever names it is found in the same way.
    private const string Hosts = "hosts";

    /// <summary>The key by which those who name a host are found.</summary>
    public static ObjectKey Host(string host) => new(Hosts, "", HostOwners.Normal(host));

    /// <summary>The hosts that an Ingress names in its rules and in <c>tls</c>.</summary>
    public static IEnumerable<string> HostsOf(KubeObject ingress) => ingress.References.Where(r => r.Resource == Hosts).Select(r => r.Name);

    /// <summary>The class that an Ingress names, by its field or by the annotation that there was before; null if it names none.</summary>
    public static string? ClassOf(JsonObject ingress) =>
        (string?)ingress["spec"]?["ingressClassName"] ?? (string?)ingress["metadata"]?["annotations"]?[IngressClassNames.FormerAnnotation];

    /// <summary>All that an Ingress names.</summary>
    public static IEnumerable<ObjectKey> Of(JsonObject ingress)
    {
        var (spec, space) = (ingress["spec"] as JsonObject, (string?)ingress["metadata"]?["namespace"]);
        if (ClassOf(ingress) is { Length: > 0 } name)
        {
            yield return IngressClassDefinition.Instance.Key(null, name);
        }

        var backends = MetadataValidation.Items(spec, "rules").SelectMany(r => MetadataValidation.Items(r.Item["http"] as JsonObject, "paths")).Select(p => p.Item["backend"]).Prepend(spec?["defaultBackend"]);
        foreach (var service in backends.Select(b => (string?)b?["service"]?["name"]).OfType<string>().Where(n => n.Length > 0).Distinct())
        {
            yield return ServiceDefinition.Instance.Key(space, service);
        }

        foreach (var secret in MetadataValidation.Items(spec, "tls").Select(t => (string?)t.Item["secretName"]).OfType<string>().Where(n => n.Length > 0).Distinct())
        {
            yield return SecretDefinition.Instance.Key(space, secret);
        }

        foreach (var host in HostsIn(spec).Select(Host).Distinct())
        {
            yield return host;
        }
    }

    /// <summary>Whether the nodes of this cluster serve an Ingress.</summary>
    public static bool IsOurs(KubeObject ingress, Resources.IAdmissionView view) =>
        ingress.References.FirstOrDefault(r => r.Resource == IngressClassDefinition.Instance.Resource) is { } named && view.Find(named) is { } found && IngressClassDefinition.IsOurs(found);

    private static IEnumerable<string> HostsIn(JsonObject? spec) =>
    [
        .. MetadataValidation.Items(spec, "rules").Select(r => (string?)r.Item["host"] ?? HostOwners.Any),
        .. MetadataValidation.Items(spec, "tls").SelectMany(t => t.Item["hosts"] as JsonArray ?? []).Select(h => (string?)h ?? HostOwners.Any),
        .. spec?["defaultBackend"] is null ? [] : (string[])[HostOwners.Any],
    ];
}
