using System.Net;
using Orchestrator.Actors.Kinds.Pods;
using Orchestrator.Node.Dns;
using k8s.Models;

namespace Orchestrator.Node.Agent.Launch;

/// <summary>The names of a pod, and how it resolves those of others (Kubernetes, "DNS for Services and Pods"). Pure.</summary>
internal static class PodNames
{
    private const int MaxHostName = 63;
    private const int MaxFullName = 64;
    private const string ClusterFirst = "ClusterFirst";
    private const string ClusterOption = "ndots:5";

    /// <summary>The host name of a pod. Names of pods may be longer than the 63 characters that Linux allows for a label, so the rest is cut off.</summary>
    public static string Host(PodManifest pod)
    {
        var name = pod.Spec.Hostname is { Length: > 0 } given ? given : pod.Metadata.Name;
        return name.Length <= MaxHostName ? name : name[..MaxHostName].TrimEnd('-', '.');
    }

    /// <summary>What the kernel of the pod is told: the host name, or the full name of a pod that asks for it.</summary>
    /// <exception cref="ContainerRefusedException">The full name is longer than Linux allows.</exception>
    public static string Kernel(PodManifest pod)
    {
        if (pod.Spec.SetHostnameAsFQDN != true || Domain(pod) is not { } domain)
        {
            return Host(pod);
        }

        var full = $"{Host(pod)}.{domain}";
        return full.Length <= MaxFullName ? full : throw new ContainerRefusedException("CreatePodSandboxError",
            $"Failed to construct FQDN from Pod hostname and cluster domain, FQDN {full} is too long ({MaxFullName} characters is the max, {full.Length} characters requested)");
    }

    /// <summary>The domain of a pod with a subdomain; null for none.</summary>
    public static string? Domain(PodManifest pod) => pod.Spec.Subdomain is { Length: > 0 } sub ? $"{sub}.{pod.Metadata.NamespaceProperty}.svc.{DnsZone.Domain}" : null;

    /// <summary>How a pod resolves names; null as its node does. A server at the node's loopback address cannot be reached from a network of the pod's own.</summary>
    /// <param name="spec">The pod's spec.</param>
    /// <param name="ns">Its namespace.</param>
    /// <param name="host">Content of the node's <c>/etc/resolv.conf</c>.</param>
    /// <param name="cluster">The server of the cluster's names; null if there is none.</param>
    public static ResolverConfig? Resolver(V1PodSpec spec, string ns, Func<string> host, IPAddress? cluster)
    {
        var config = spec.DnsConfig;
        var isAlone = spec.DnsPolicy == "None";
        if (cluster is not null && IsOfCluster(spec))
        {
            var searches = (string[])[$"{ns}.svc.{DnsZone.Domain}", $"svc.{DnsZone.Domain}", DnsZone.Domain];
            return With(new ResolverConfig([cluster.ToString()], [.. searches, .. Parse(host()).Searches.Except(searches, StringComparer.Ordinal)], [ClusterOption]), config);
        }

        var inherited = isAlone ? new ResolverConfig([], [], []) : Parse(host());
        var reached = spec.HostNetwork == true ? inherited : inherited with { Nameservers = [.. inherited.Nameservers.Where(n => !IPAddress.TryParse(n, out var ip) || !IPAddress.IsLoopback(ip))] };
        if (config is null && !isAlone && reached.Nameservers.Length == inherited.Nameservers.Length)
        {
            return null;
        }

        return With(reached, config);
    }

    /// <summary>Whether a pod resolves names by the cluster's server. Kubernetes, "DNS for Services and Pods": one in the network of the node has the names of the node unless it asks for others.</summary>
    public static bool IsOfCluster(V1PodSpec spec) => (spec.DnsPolicy ?? ClusterFirst) switch
    {
        ClusterFirst => spec.HostNetwork != true,
        "ClusterFirstWithHostNet" => true,
        _ => false,
    };

    private static ResolverConfig With(ResolverConfig given, V1PodDNSConfig? config)
    {
        var options = (config?.Options ?? []).Select(o => string.IsNullOrEmpty(o.Value) ? o.Name : $"{o.Name}:{o.Value}").ToList();
        var set = options.Select(Option).ToHashSet(StringComparer.Ordinal);
        return new ResolverConfig(
            [.. given.Nameservers.Concat(config?.Nameservers ?? []).Distinct(StringComparer.Ordinal)],
            [.. given.Searches.Concat(config?.Searches ?? []).Distinct(StringComparer.Ordinal)],
            [.. given.Options.Where(o => !set.Contains(Option(o))), .. options]);
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
