using System.Globalization;
using k8s.Models;

namespace Orchestrator.Node.Agent.Launch;

/// <summary>Environment variables by which a container finds services. Pure.</summary>
/// <remarks>Rules: Kubernetes, "Service", discovering services, environment variables: those of the pod's namespace unless <c>enableServiceLinks</c> is false, and always <c>kubernetes</c>.</remarks>
internal static class ServiceVariables
{
    private const string MasterNamespace = "default";
    private const string Master = "kubernetes";

    /// <summary>The variables of a pod.</summary>
    /// <param name="ns">The pod's namespace.</param>
    /// <param name="hasLinks">Whether it wants those of its namespace.</param>
    /// <param name="services">Services that have an address.</param>
    public static IEnumerable<KeyValuePair<string, string>> Of(string ns, bool hasLinks, IEnumerable<V1Service> services)
    {
        var all = services.ToList();
        var own = all.Where(s => hasLinks && s.Metadata.NamespaceProperty == ns).ToList();
        var master = all.Where(s => (s.Metadata.NamespaceProperty, s.Metadata.Name) == (MasterNamespace, Master) && !own.Any(o => o.Metadata.Name == Master));
        return own.Concat(master).OrderBy(s => s.Metadata.Name, StringComparer.Ordinal).SelectMany(Of);
    }

    private static IEnumerable<KeyValuePair<string, string>> Of(V1Service service)
    {
        var (name, host) = (Word(service.Metadata.Name), service.Spec.ClusterIP);
        yield return new($"{name}_SERVICE_HOST", host);
        foreach (var (port, i) in (service.Spec.Ports ?? []).Select((p, i) => (p, i)))
        {
            var number = port.Port.ToString(CultureInfo.InvariantCulture);
            var protocol = port.Protocol ?? "TCP";
            var address = $"{protocol.ToLowerInvariant()}://{(host.Contains(':', StringComparison.Ordinal) ? $"[{host}]" : host)}:{number}";
            if (i == 0)
            {
                yield return new($"{name}_SERVICE_PORT", number);
                yield return new($"{name}_PORT", address);
            }

            if (port.Name is { Length: > 0 } named)
            {
                yield return new($"{name}_SERVICE_PORT_{Word(named)}", number);
            }

            var prefix = $"{name}_PORT_{number}_{protocol}";
            yield return new(prefix, address);
            yield return new($"{prefix}_PROTO", protocol.ToLowerInvariant());
            yield return new($"{prefix}_PORT", number);
            yield return new($"{prefix}_ADDR", host);
        }
    }

    private static string Word(string name) => name.ToUpperInvariant().Replace('-', '_');
}
