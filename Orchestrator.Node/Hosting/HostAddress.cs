using System.Net;
using System.Net.NetworkInformation;
using System.Net.Sockets;
using Orchestrator.Node.Network;

namespace Orchestrator.Node.Hosting;

/// <summary>At which address others reach this host.</summary>
internal static class HostAddress
{
    private const string Unknown = "127.0.0.1";

    /// <summary>That of the cluster, if it is one of a network; otherwise the first of an interface that is not for containers.</summary>
    public static string Of(NodeOptions options) =>
        IPAddress.TryParse(options.ClusterHost, out var ip) && !IPAddress.IsLoopback(ip) && !ip.Equals(IPAddress.Any) ? options.ClusterHost
            : HostInterfaces.Addresses()
                .Where(a => a.Interface is { OperationalStatus: OperationalStatus.Up, NetworkInterfaceType: not NetworkInterfaceType.Loopback, Name: var name }
                    && !name.StartsWith("docker", StringComparison.Ordinal) && !name.StartsWith(NetworkNames.Start, StringComparison.Ordinal))
                .Select(a => a.Unicast.Address)
                .FirstOrDefault(a => a.AddressFamily == AddressFamily.InterNetwork)?.ToString() ?? Unknown;

    /// <summary>Its address of the other family, on the same interface; null if there is none.</summary>
    /// <param name="first">The one at which others reach it.</param>
    public static string? SecondOf(string first)
    {
        var (own, all) = (IPAddress.Parse(first), HostInterfaces.Addresses());
        var lasting = HostInterfaces.LastingIPv6();
        return all.Where(a => a.Unicast.Address.Equals(own)).SelectMany(o => all.Where(a => a.Interface.Name == o.Interface.Name)).Select(a => a.Unicast.Address)
            .FirstOrDefault(a => a.AddressFamily != own.AddressFamily && (a.AddressFamily == AddressFamily.InterNetwork || lasting.Contains(a)))?.ToString();
    }

    /// <summary>Where pods reach the API server of this host: an address of the family of the Service <c>default/kubernetes</c>; null if it listens at none.</summary>
    public static IPEndPoint? OfApi(NodeOptions options)
    {
        var (listen, family) = (options.ApiAddress.Address, options.ServiceRanges.Primary.Network.BaseAddress.AddressFamily);

        // At all addresses of IPv6 is at those of IPv4, too.
        var own = listen.Equals(IPAddress.IPv6Any) || (listen.Equals(IPAddress.Any) && family == AddressFamily.InterNetwork) ? Own() : listen;
        return own is null || IPAddress.IsLoopback(own) || own.AddressFamily != family || own.Equals(IPAddress.Any) ? null : new IPEndPoint(own, options.ApiAddress.Port);

        IPAddress? Own()
        {
            var first = Of(options);
            return IPAddress.Parse(first) is var address && address.AddressFamily == family ? address : SecondOf(first) is { } second ? IPAddress.Parse(second) : null;
        }
    }
}
