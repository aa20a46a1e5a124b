namespace Orchestrator.Node.Docker;

/// <summary>The owner of containers: a node of a data directory. Two clusters on one machine may use the same node name.</summary>
/// <param name="Node">The node's name.</param>
/// <param name="Installation">Id in <c>node.id</c> of the data directory.</param>
internal sealed record ContainerOwner(string Node, string Installation)
{
    /// <summary>Its labels as filters for the engine.</summary>
    public IEnumerable<string> Filters => [$"{DockerLabels.Node}={Node}", $"{DockerLabels.Installation}={Installation}"];

    /// <summary>Whether a container with these labels is its own.</summary>
    public bool Owns(IDictionary<string, string>? labels) => labels?.Contains(new(DockerLabels.Node, Node)) == true && labels.Contains(new(DockerLabels.Installation, Installation));

    /// <summary>The owner for a data directory; its id is generated at the first use.</summary>
    public static ContainerOwner Of(string node, string dataDir) => new(node, Agent.Installation.Of(dataDir));
}
