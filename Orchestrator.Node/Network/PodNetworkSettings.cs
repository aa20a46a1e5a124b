namespace Orchestrator.Node.Network;

/// <summary>Settings of the network of pods.</summary>
/// <param name="Mode">Who makes it.</param>
/// <param name="Ahead">How many networks of pods are made ahead; 0 for none.</param>
/// <param name="Peers">How packets go to the pods of other hosts.</param>
internal sealed record PodNetworkSettings(PodNetworkMode Mode, int Ahead, PeerMode Peers);

/// <summary>Who makes the network of pods.</summary>
internal enum PodNetworkMode
{
    /// <summary>The agent if the host lets it, otherwise the engine.</summary>
    Auto,

    /// <summary>The agent: pods are routed, and each has an address out of the node's range.</summary>
    Routed,

    /// <summary>The engine, by its bridge.</summary>
    Engine,
}
