using Orchestrator.Actors.Kinds.Pods;
using k8s.Models;

namespace Orchestrator.Node.Agent.Launch;

/// <summary>The names of a pod, and how it resolves those of others (Kubernetes, "DNS for Services and Pods"). Pure.</summary>
internal static class PodNames
{
    private const int MaxHostName = 63;
    private const string ClusterDomain = "cluster.local";

    /// <summary>The host name of a pod. Names of pods may be longer than the 63 characters that Linux allows for a label, so the rest is cut off.</summary>
    public static string Host(PodManifest pod)
    {
        var name = pod.Spec.Hostname is { Length: > 0 } given ? given : pod.Metadata.Name;
        return name.Length <= MaxHostName ? name : name[..MaxHostName].TrimEnd('-', '.');
    }

    /// <summary>The domain of a pod with a subdomain; null for none.</summary>
    public static string? Domain(PodManifest pod) => pod.Spec.Subdomain is { Length: > 0 } sub ? $"{sub}.{pod.Metadata.NamespaceProperty}.svc.{ClusterDomain}" : null;

    /// <summary>How a pod resolves names; null as its node does.</summary>
    /// <param name="spec">The pod's spec.</param>
    /// <param name="host">Content of the node's <c>/etc/resolv.conf</c>.</param>
    public static ResolverConfig? Resolver(V1PodSpec spec, Func<string> host)
    {
        var config = spec.DnsConfig;
        var isAlone = spec.DnsPolicy == "None";
        if (config is null && !isAlone)
        {
            return null;
        }

        var inherited = isAlone ? new ResolverConfig([], [], []) : Parse(host());
        var options = (config?.Options ?? []).Select(o => string.IsNullOrEmpty(o.Value) ? o.Name : $"{o.Name}:{o.Value}").ToList();
        var set = options.Select(Option).ToHashSet(StringComparer.Ordinal);
        return new ResolverConfig(
            [.. inherited.Nameservers.Concat(config?.Nameservers ?? []).Distinct(StringComparer.Ordinal)],
            [.. inherited.Searches.Concat(config?.Searches ?? []).Distinct(StringComparer.Ordinal)],
            [.. inherited.Options.Where(o => !set.Contains(Option(o))), .. options]);
    }

    private static ResolverConfig Parse(string text)
    {
        var lines = text.Split('\n').Select(l => l.Split((char[])[' ', '\t'], StringSplitOptions.RemoveEmptyEntries)).Where(words => words.Length > 1).ToList();

        // Of several search lines the last one counts, as in resolv.conf(5).
        return new ResolverConfig(
            [.. lines.Where(w => w[0] == "nameserver").Select(w => w[1])],
            [.. lines.LastOrDefault(w => w[0] == "search")?.Skip(1) ?? []],
            [.. lines.Where(w => w[0] == "options").SelectMany(w => w.Skip(1))]);
    }

    private static string Option(string text) => text.Split(':')[0];
}
