using System.Collections.Immutable;
using Grpc.Net.Client;
using Orchestrator.Node.Agent.Csi.Wire;
using NodeAbility = Orchestrator.Node.Agent.Csi.Wire.NodeServiceCapability.Types.RPC.Types.Type;
using ControllerAbility = Orchestrator.Node.Agent.Csi.Wire.ControllerServiceCapability.Types.RPC.Types.Type;

namespace Orchestrator.Node.Agent.Csi;

/// <summary>A driver that has registered on the node.</summary>
/// <param name="Name">Its name, such as <c>ebs.csi.aws.com</c>.</param>
/// <param name="Socket">The socket by which it registered; the driver goes with it.</param>
/// <param name="Channel">The channel to its services.</param>
internal sealed record CsiDriver(string Name, string Socket, GrpcChannel Channel)
{
    /// <summary>Its name of the node.</summary>
    public required string NodeId { get; init; }

    /// <summary>How many of its volumes the node can have; 0 if it does not say.</summary>
    public required long MaxVolumes { get; init; }

    /// <summary>Where the node is, as labels.</summary>
    public required ImmutableSortedDictionary<string, string> Topology { get; init; }

    /// <summary>What its node service can do.</summary>
    public required ImmutableHashSet<NodeAbility> Node { get; init; }

    /// <summary>What its controller service can do; null if it has none.</summary>
    public required ImmutableHashSet<ControllerAbility>? Controller { get; init; }

    /// <summary>Whether its volumes are not equally reachable from all nodes.</summary>
    public required bool HasTopology { get; init; }

    /// <summary>Whether volumes are mounted once per node before pods get them.</summary>
    public bool Stages => Node.Contains(NodeAbility.StageUnstageVolume);

    /// <summary>Its node service.</summary>
    public Wire.Node.NodeClient Nodes => new(Channel);

    /// <summary>Its controller service.</summary>
    public Controller.ControllerClient Controllers => new(Channel);
}
