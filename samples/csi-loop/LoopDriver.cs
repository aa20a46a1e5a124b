namespace Orchestrator.Samples.CsiLoop;

/// <summary>Who the driver is.</summary>
/// <param name="Name">Its name, which StorageClasses name as their provisioner.</param>
/// <param name="Node">The node that it runs on.</param>
/// <param name="Endpoint">Its socket.</param>
/// <param name="MaxVolumes">How many volumes the node can have; 0 for as many as the cluster likes.</param>
internal sealed record LoopDriver(string Name, string Node, string Endpoint, long MaxVolumes)
{
    /// <summary>Label of a node that says which node it is: volumes do not move.</summary>
    public string TopologyKey => $"{Name}/node";
}
