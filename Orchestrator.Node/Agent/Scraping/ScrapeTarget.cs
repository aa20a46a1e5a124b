using System.Globalization;
using Orchestrator.Actors.Kinds.Pods;

namespace Orchestrator.Node.Agent.Scraping;

/// <summary>Where a pod exposes its metrics. The annotations are the usual ones of Prometheus' configurations.</summary>
/// <param name="Port">Port of the pod.</param>
/// <param name="Path">Path of the page, with its query.</param>
/// <param name="IsHttps">Whether it is read by HTTPS. Certificates are not verified, as those of probes.</param>
/// <param name="Names">Names of the samples that are taken, a <c>*</c> at the end for all that begin so; null for all.</param>
internal sealed record ScrapeTarget(int Port, string Path, bool IsHttps, IReadOnlyList<string>? Names)
{
    /// <summary><c>true</c> if the pod exposes metrics.</summary>
    public const string Scrape = "prometheus.io/scrape";

    private const string PortKey = "prometheus.io/port";
    private const string PathKey = "prometheus.io/path";
    private const string SchemeKey = "prometheus.io/scheme";

    /// <summary>Reads the annotations of a pod.</summary>
    /// <returns>Where to read, or why that cannot be said; neither if the pod exposes nothing.</returns>
    public static (ScrapeTarget? Target, string? Why) Of(PodManifest pod)
    {
        if (Said(pod, Scrape) != "true")
        {
            return (null, null);
        }

        var ports = pod.Spec.Containers.SelectMany(c => c.Ports ?? []).Where(p => p.Protocol is null or "TCP").ToList();
        var port = (ports.FirstOrDefault(p => p.Name == "metrics") ?? ports.FirstOrDefault())?.ContainerPort;
        if (Said(pod, PortKey) is { } number)
        {
            if (!int.TryParse(number, NumberStyles.None, CultureInfo.InvariantCulture, out var given) || given is < 1 or > ushort.MaxValue)
            {
                return (null, $"annotation {PortKey} must be a port from 1 to 65535, not \"{number}\"");
            }

            port = given;
        }

        var path = Said(pod, PathKey) ?? "/metrics";
        return port is null ? (null, $"no container has a TCP port: say in annotation {PortKey} which one has the metrics")
            : Said(pod, SchemeKey) is { } scheme && scheme is not ("http" or "https") ? (null, $"annotation {SchemeKey} must be http or https, not \"{scheme}\"")
            : (new ScrapeTarget(port.Value, path.StartsWith('/') ? path : $"/{path}", Said(pod, SchemeKey) == "https",
                Said(pod, PodDefinition.ScrapeMetrics)?.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries)), null);
    }

    /// <summary>Whether a sample is taken.</summary>
    public bool Takes(string name) => Names?.Any(n => n.EndsWith('*') ? name.StartsWith(n[..^1], StringComparison.Ordinal) : name == n) != false;

    private static string? Said(PodManifest pod, string key) => pod.Metadata.Annotations is { } all && all.TryGetValue(key, out var value) && value.Length > 0 ? value : null;
}
