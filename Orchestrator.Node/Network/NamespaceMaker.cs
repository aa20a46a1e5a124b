using System.Collections.Immutable;
using System.Net.Sockets;

namespace Orchestrator.Node.Network;

/// <summary>Makes and removes the network namespaces of pods, by <c>ip</c>.</summary>
/// <param name="names">Names of the node.</param>
internal sealed class NamespaceMaker(NetworkNames names)
{
    private const string Inside = "eth0";
    private const string HostLink = "fe80::1";

    /// <summary>The address of each pod on its link to the host.</summary>
    public const string PodLink = "fe80::2";

    /// <summary>Whether a namespace and its interface are there.</summary>
    public static bool Exists(string name) => IsMade(name) && HostInterfaces.Has(name);

    /// <summary>Whether a namespace is there.</summary>
    public static bool IsMade(string name) => File.Exists(NetworkNames.PathOf(name));

    /// <summary>Names of the namespaces and interfaces of this node that are there, whole or in part.</summary>
    public IReadOnlyList<string> Present() =>
    [
        .. (Directory.Exists(NetworkNames.Folder) ? Directory.EnumerateFileSystemEntries(NetworkNames.Folder).Select(Path.GetFileName).OfType<string>() : []).Concat(HostInterfaces.Names())
            .Where(n => n.StartsWith(names.Prefix, StringComparison.Ordinal) && n != names.Tunnel).Distinct(),
    ];

    /// <summary>Makes a namespace: in it an interface with the addresses, whose way leads to the host, and on the host the way back.</summary>
    /// <remarks>No other host or pod can be reached past the host's rules, because nothing but the host is on the other side of the pair.</remarks>
    public async Task MakeAsync(PodAddresses addresses, PodAddresses gateways, int mtu, CancellationToken cancellation)
    {
        var name = names.For(addresses.First);
        var (ipv4, ipv6) = (addresses.Of(AddressFamily.InterNetwork), addresses.Of(AddressFamily.InterNetworkV6));
        List<string> onHost = [$"netns add {name}", $"link add {name} mtu {mtu} type veth peer name {Inside} mtu {mtu} netns {name}", $"link set {name} addrgenmode none up"];
        List<string> inPod = ["link set lo up", $"link set {Inside} addrgenmode none up"];
        if (ipv4 is not null)
        {
            var gateway = gateways.Of(AddressFamily.InterNetwork);
            onHost.AddRange([$"addr add {gateway}/32 dev {name}", $"route add {ipv4}/32 dev {name}"]);
            inPod.AddRange([$"addr add {ipv4}/32 dev {Inside}", $"route add {gateway} dev {Inside} scope link", $"route add default via {gateway}"]);
        }

        if (ipv6 is not null)
        {
            // Neighbors are asked for from an address of the link, and there are two on it, so none can be there twice.
            onHost.AddRange([$"addr add {HostLink}/64 dev {name} nodad", $"addr add {gateways.Of(AddressFamily.InterNetworkV6)}/128 dev {name} nodad", $"route add {ipv6}/128 dev {name}"]);
            inPod.AddRange([$"addr add {PodLink}/64 dev {Inside} nodad", $"addr add {ipv6}/128 dev {Inside} nodad", $"route add default via {HostLink} dev {Inside}"]);
        }

        await IpAsync([], cancellation, [.. onHost]).ConfigureAwait(false);
        await IpAsync(["-n", name], cancellation, [.. inPod]).ConfigureAwait(false);

        // A pod must not say what the ways of the host are; one without an address of IPv6 is not heard at all.
        if (ipv6 is not null)
        {
            await HostForwarding.DistrustAsync(name, cancellation).ConfigureAwait(false);
        }
        else if ($"/proc/sys/net/ipv6/conf/{name}/disable_ipv6" is var file && File.Exists(file))
        {
            await File.WriteAllTextAsync(file, "1", cancellation).ConfigureAwait(false);
        }
    }

    /// <summary>Makes a namespace with its loopback interface and nothing else.</summary>
    public static async Task MakeEmptyAsync(string name, CancellationToken cancellation)
    {
        await IpAsync([], cancellation, $"netns add {name}").ConfigureAwait(false);
        await IpAsync(["-n", name], cancellation, "link set lo up").ConfigureAwait(false);
    }

    /// <summary>Removes what is there of namespaces. The interface goes first, so that the address is free at once, though a process may still be in the namespace.</summary>
    /// <exception cref="NetworkException">One is still there.</exception>
    public static async Task RemoveAsync(IReadOnlyCollection<string> present, CancellationToken cancellation)
    {
        if (present.Count == 0)
        {
            return;
        }

        try
        {
            await IpAsync(["-force"], cancellation, [.. present.SelectMany(n => (string[])[$"link del {n}", $"netns del {n}"])]).ConfigureAwait(false);
        }
        catch (NetworkException e) when (!present.Any(IsLeft))
        {
            // Of some there was only a part.
            _ = e;
        }
    }

    /// <summary>Lets what the host sends from its loopback address reach a pod, for its ports of the host.</summary>
    public static void AllowLoopback(string name) => File.WriteAllText($"/proc/sys/net/ipv4/conf/{name}/route_localnet", "1");

    /// <summary>Sets kernel parameters of a namespace.</summary>
    /// <exception cref="NetworkException">There is no such parameter, or it does not take the value.</exception>
    public static async Task SetAsync(string name, ImmutableArray<(string Name, string Value)> sysctls)
    {
        if (sysctls.IsDefaultOrEmpty)
        {
            return;
        }

        using var handle = File.OpenHandle(NetworkNames.PathOf(name));
        await NamespaceThread.RunAsync(handle, () =>
        {
            foreach (var (parameter, value) in sysctls)
            {
                try
                {
                    File.WriteAllText($"/proc/sys/{parameter.Replace('.', '/')}", value);
                }
                catch (Exception e) when (e is IOException or UnauthorizedAccessException)
                {
                    throw new NetworkException($"sysctl \"{parameter}\" cannot be set to \"{value}\": {e.Message}");
                }
            }

            return true;
        }).ConfigureAwait(false);
    }

    private static bool IsLeft(string name) => IsMade(name) || HostInterfaces.Has(name);

    private static Task IpAsync(string[] options, CancellationToken cancellation, params string[] lines) => HostTool.BatchAsync("ip", options, lines, cancellation);
}
