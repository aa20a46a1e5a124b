using Akka.Event;
using Orchestrator.Actors.Logs;
using Orchestrator.Node.Network;

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
            if (options.PodNetwork.Mode == PodNetworkMode.Routed)
            {
                throw new InvalidOperationException($"orchestrator.pod-network.mode is routed, but {obstacle}");
            }

            log.Warn("Pods are in the network of the engine, and reach those of other hosts only through ports", ("error", obstacle));
            return null;
        }

        return new RoutedNetwork(NetworkNames.Of(installation), options.PodRanges.Cluster, new NetworkRecords(folder), options.PodNetwork.Ahead, time, options.PodNetwork.Peers);
    }

    /// <summary>Why the host cannot change its network; null if it can.</summary>
    public static string? Obstacle(NodeOptions options) =>
        !Environment.IsPrivilegedProcess ? "this process is not root"
        : options.DockerHost.Scheme != "unix" ? $"the engine at {options.DockerHost.OriginalString} may run on another host"
        : Tools.FirstOrDefault(t => HostTool.Find(t) is null) is { } missing ? $"the host has no command \"{missing}\" (Debian: apt-get install iproute2 nftables)"
        : null;
}
