using Akka.Event;
using Orchestrator.Actors.Logs;
using Orchestrator.Node.Network;
using Orchestrator.Node.Network.Cni;

namespace Orchestrator.Node.Hosting;

/// <summary>Chooses the network of a node's pods.</summary>
internal static class PodNetworks
{
    private static readonly string[] Tools = ["ip", "nft"];

    /// <summary>The network; null for the one that the engine makes.</summary>
    /// <param name="options">Settings of the host.</param>
    /// <param name="installation">Id of the host.</param>
    /// <param name="folder">Folder of what is remembered of it.</param>
    /// <param name="time">The clock.</param>
    /// <param name="log">Where it is said why the host cannot have its own.</param>
    public static IPodNetwork? Choose(NodeOptions options, string installation, string folder, TimeProvider time, ILoggingAdapter log)
    {
        if (options.PodNetwork.Mode == PodNetworkMode.Engine)
        {
            return null;
        }

        if (Obstacle(options) is { } obstacle)
        {
            if (options.PodNetwork.Mode != PodNetworkMode.Auto)
            {
                throw new InvalidOperationException($"orchestrator.pod-network.mode is {(options.PodNetwork.Mode == PodNetworkMode.Cni ? "cni" : "routed")}, but {obstacle}");
            }

            log.Warn("Pods are in the network of the engine, and reach those of other hosts only through ports", ("error", obstacle));
            return null;
        }

        return IsCni(options.PodNetwork, folder, log) ? Cni(options.PodNetwork, installation, folder, time) : new RoutedNetwork(NetworkNames.Of(installation), options.PodRanges.Clusters, new NetworkRecords(folder), options.PodNetwork.Ahead, time, options.PodNetwork.Peers);
    }

    /// <summary>The network that plugins make, or have made when the host ran.</summary>
    public static CniNetwork Cni(PodNetworkSettings settings, string installation, string folder, TimeProvider time) =>
        new(NetworkNames.Of(installation), Records(folder), settings.Cni.Configurations, new CniPrograms(settings.Cni.Programs, time), settings.Cni.AreEnforcing);

    /// <summary>Why the host cannot change its network; null if it can.</summary>
    public static string? Obstacle(NodeOptions options) =>
        !Environment.IsPrivilegedProcess ? "this process is not root"
        : options.DockerHost.Scheme != "unix" ? $"the engine at {options.DockerHost.OriginalString} may run on another host"
        : Tools.FirstOrDefault(t => HostTool.Find(t) is null) is { } missing ? $"the host has no command \"{missing}\" (Debian: apt-get install iproute2 nftables)"
        : null;

    private static CniRecords Records(string folder) => new(Path.Combine(folder, "cni"));

    // Without being told, a node stays with what its pods have.
    private static bool IsCni(PodNetworkSettings settings, string folder, ILoggingAdapter log) =>
        settings.Mode == PodNetworkMode.Cni || (settings.Mode == PodNetworkMode.Auto && (Records(folder).Any || (!NetworkRecords.Any(folder) && HasCni(settings.Cni, log))));

    private static bool HasCni(CniSettings settings, ILoggingAdapter log)
    {
        if (CniFolder.First(settings.Configurations) is not { } file)
        {
            return false;
        }

        try
        {
            var programs = new CniPrograms(settings.Programs, TimeProvider.System);
            return CniFolder.Read(settings.Configurations).Plugins.All(p => programs.Require(p.Type).Length > 0);
        }
        catch (NetworkException e)
        {
            log.Warn("The network configuration of the host is not used", ("file", file), ("error", e.Message));
            return false;
        }
    }
}
