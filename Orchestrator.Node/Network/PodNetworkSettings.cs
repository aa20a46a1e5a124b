using System.Collections.Immutable;

namespace Orchestrator.Node.Network;

/// <summary>Settings of the network of pods.</summary>
/// <param name="Mode">Who makes it.</param>
/// <param name="Ahead">How many networks of pods are made ahead; 0 for none.</param>
/// <param name="Peers">How packets go to the pods of other hosts.</param>
/// <param name="Cni">What there is of CNI on the host.</param>
internal sealed record PodNetworkSettings(PodNetworkMode Mode, int Ahead, PeerMode Peers, CniSettings Cni);

/// <summary>What there is of CNI on a host.</summary>
/// <param name="Configurations">Folder of the configuration.</param>
/// <param name="Programs">Folders of plugins.</param>
/// <param name="AreEnforcing">Whether the plugins enforce network policies.</param>
internal sealed record CniSettings(string Configurations, ImmutableArray<string> Programs, bool AreEnforcing);

/// <summary>Who makes the network of pods.</summary>
internal enum PodNetworkMode
{
    /// <summary>The plugins of the host's CNI configuration if it has one, otherwise the agent if the host lets it, otherwise the engine.</summary>
    Auto,

    /// <summary>The agent: pods are routed, and each has an address out of the node's range.</summary>
    Routed,

    /// <summary>The plugins of the host's CNI configuration.</summary>
    Cni,

    /// <summary>The engine, by its bridge.</summary>
    Engine,
}
