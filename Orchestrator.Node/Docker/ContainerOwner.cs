namespace Orchestrator.Node.Docker;

/// <summary>Whose containers these are: a node's, of one data directory. Two clusters on a machine may both have a node of its name.</summary>
/// <param name="Node">The node's name.</param>
/// <param name="Installation">What <c>node.id</c> of the data directory says.</param>
internal sealed record ContainerOwner(string Node, string Installation)
{
    /// <summary>Its labels as the engine's filters want them.</summary>
    public IEnumerable<string> Filters => [$"{DockerLabels.Node}={Node}", $"{DockerLabels.Installation}={Installation}"];

    /// <summary>The owner for a data directory, whose id is made at its first use.</summary>
    public static ContainerOwner Of(string node, string dataDir) => new(node, Agent.Installation.Of(dataDir));
}
