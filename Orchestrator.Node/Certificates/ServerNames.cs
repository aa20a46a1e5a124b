using System.Net;
using Orchestrator.Node.Network;
using System.Net.Sockets;
using System.Security.Cryptography.X509Certificates;

namespace Orchestrator.Node.Certificates;

/// <summary>Names and addresses of an API server, for its certificate.</summary>
/// <param name="Dns">Names.</param>
/// <param name="Addresses">Addresses.</param>
internal sealed record ServerNames(IReadOnlyList<string> Dns, IReadOnlyList<IPAddress> Addresses)
{
    /// <summary>Names and addresses for a listen address; all addresses of the host for a wildcard.</summary>
    public static ServerNames Of(IPAddress listen, string machine, IEnumerable<IPAddress> host) => new(
        [.. ((string[])["localhost", machine, "kubernetes", "kubernetes.default", "kubernetes.default.svc", "kubernetes.default.svc.cluster.local"]).Distinct()],
        [.. ((IPAddress[])[IPAddress.Loopback, IPAddress.IPv6Loopback]).Concat(IsWildcard(listen) ? host.Where(a => !a.IsIPv6LinkLocal) : [listen]).Distinct()]);

    /// <summary>Addresses of the interfaces of this host.</summary>
    public static IEnumerable<IPAddress> OfHost() => HostInterfaces.Addresses().Select(a => a.Unicast.Address);

    /// <summary>Address by which a client on this host reaches a listen address.</summary>
    public static IPEndPoint Reached(IPEndPoint listen) => !IsWildcard(listen.Address) ? listen
        : new IPEndPoint(listen.AddressFamily == AddressFamily.InterNetwork ? IPAddress.Loopback : IPAddress.IPv6Loopback, listen.Port);

    public SubjectAlternativeNameBuilder ToExtension()
    {
        var names = new SubjectAlternativeNameBuilder();
        foreach (var name in Dns)
        {
            names.AddDnsName(name);
        }

        foreach (var address in Addresses)
        {
            names.AddIpAddress(address);
        }

        return names;
    }

    private static bool IsWildcard(IPAddress address) => address.Equals(IPAddress.Any) || address.Equals(IPAddress.IPv6Any);
}
