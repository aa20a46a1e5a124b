using System.Globalization;
using System.Text;
using Orchestrator.Actors.Kinds.Pods;

namespace Orchestrator.Node.Agent.Launch;

/// <summary>The content of <c>/etc/hosts</c> of a pod with a network of its own (Kubernetes, "Adding entries to Pod /etc/hosts with HostAliases"). Pure.</summary>
internal static class HostsFile
{
    private const string Path = "/etc/hosts";

    /// <summary>Whether a container gets it: not if the pod has the host's names, or if the container mounts a file of its own there.</summary>
    public static bool IsFor(PodManifest pod, k8s.Models.V1Container container) =>
        pod.Spec.HostNetwork != true && container.VolumeMounts?.Any(m => m.MountPath.TrimEnd('/') == Path) != true;

    /// <summary>Mounts the file of the host into a container.</summary>
    public static VolumeBind Bind(string file) => new(file, Path, IsReadOnly: false);

    /// <summary>The content.</summary>
    /// <param name="pod">The pod.</param>
    /// <param name="ips">Its addresses.</param>
    public static string Text(PodManifest pod, IEnumerable<string> ips)
    {
        var text = new StringBuilder("""
            # Kubernetes-managed hosts file.
            127.0.0.1	localhost
            ::1	localhost ip6-localhost ip6-loopback
            fe00::0	ip6-localnet
            fe00::0	ip6-mcastprefix
            fe00::1	ip6-allnodes
            fe00::2	ip6-allrouters

            """);
        var host = PodNames.Host(pod);
        foreach (var ip in ips)
        {
            text.Append(CultureInfo.InvariantCulture, $"{ip}\t{(PodNames.Domain(pod) is { } domain ? $"{host}.{domain}\t" : "")}{host}\n");
        }

        if (pod.Spec.HostAliases is { Count: > 0 } aliases)
        {
            text.Append("\n# Entries added by HostAliases.\n");
            foreach (var alias in aliases)
            {
                text.Append(CultureInfo.InvariantCulture, $"{alias.Ip}\t{string.Join('\t', alias.Hostnames ?? [])}\n");
            }
        }

        return text.ToString();
    }
}
