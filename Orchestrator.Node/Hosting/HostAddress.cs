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
        return all.Where(a => a.Unicast.Address.Equals(own)).SelectMany(o => all.Where(a => a.Interface.Name == o.Interface.Name)).Select(a => a.Unicast.Address)
            .FirstOrDefault(a => a.AddressFamily != own.AddressFamily && !a.IsIPv6LinkLocal && !IPAddress.IsLoopback(a))?.ToString();
    }

    /// <summary>Where pods reach the API server of this host; null if it listens at the loopback address alone.</summary>
    public static IPEndPoint? OfApi(NodeOptions options) => options.ApiAddress switch
    {
        { AddressFamily: not AddressFamily.InterNetwork } when !options.ApiAddress.Address.Equals(IPAddress.IPv6Any) => null,
        { Address: var address } when IPAddress.IsLoopback(address) => null,
        { Address: var address, Port: var port } when address.Equals(IPAddress.Any) || address.Equals(IPAddress.IPv6Any) => Of(options) is not Unknown and var own ? new IPEndPoint(IPAddress.Parse(own), port) : null,
        _ => options.ApiAddress,
    };
}
