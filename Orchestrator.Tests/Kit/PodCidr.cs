using System.Globalization;
using Orchestrator.Node.Network;

namespace Orchestrator.Tests.Kit;

/// <summary>Pod addresses of the clusters of specs: several are on this machine at once, so each has its own.</summary>
internal static class PodCidr
{
    private const int Clusters = 1024;
    private const int PerOctet = 16;
    private static readonly TimeSpan Bound = TimeSpan.FromSeconds(60);

    /// <summary>The range of a cluster, for 16 nodes, out of 10.128.0.0/10.</summary>
    /// <param name="port">A port that only this cluster has.</param>
    public static string Of(int port) => string.Create(CultureInfo.InvariantCulture, $"10.{128 + port % Clusters / PerOctet}.{port % PerOctet * PerOctet}.0/20");

    /// <summary>Addresses of the services of a cluster whose host runs containers, out of 10.208.0.0/12.</summary>
    /// <param name="port">A port that only this cluster has.</param>
    public static string Services(int port) => string.Create(CultureInfo.InvariantCulture, $"10.{208 + port % Clusters / 64}.{port % 64 * 4}.0/22");

    /// <summary>Addresses of IPv6 of the pods of a cluster, for 16 nodes.</summary>
    /// <param name="port">A port that only this cluster has.</param>
    public static string OfIPv6(int port) => string.Create(CultureInfo.InvariantCulture, $"fd00:5bec:0:{port % Clusters * PerOctet:x}::/60");

    /// <summary>Addresses of IPv6 of its services.</summary>
    /// <param name="port">A port that only this cluster has.</param>
    public static string ServicesOfIPv6(int port) => string.Create(CultureInfo.InvariantCulture, $"fd00:5bec:1:{port % Clusters:x}::/112");

    /// <summary>The setting for the addresses of the pods of a cluster.</summary>
    public static string Of(int port, PodFamilies families) => Joined(families, Of(port), OfIPv6(port));

    /// <summary>The setting for the addresses of its services.</summary>
    public static string Services(int port, PodFamilies families) => Joined(families, Services(port), ServicesOfIPv6(port));

    private static string Joined(PodFamilies families, string ipv4, string ipv6) => families switch { PodFamilies.IPv4 => ipv4, PodFamilies.IPv6 => ipv6, _ => $"{ipv4},{ipv6}" };

    /// <summary>Removes what a host has left in the network of this machine.</summary>
    public static async Task RemoveAsync(string dataDir)
    {
        if (Environment.IsPrivilegedProcess && File.Exists(Path.Combine(dataDir, "node.id")))
        {
            await NodeNetwork.RemoveAsync(NetworkNames.Of(Node.Agent.Installation.Of(dataDir)), CancellationToken.None).WaitAsync(Bound);
        }
    }
}

/// <summary>Which addresses pods and services have.</summary>
internal enum PodFamilies
{
    /// <summary>Of IPv4 alone.</summary>
    IPv4,

    /// <summary>Of IPv6 alone.</summary>
    IPv6,

    /// <summary>Of both, those of IPv4 first.</summary>
    Both,
}
