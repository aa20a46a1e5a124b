namespace Orchestrator.Node.Docker;

/// <summary>Whose containers these are: a node's, of one data directory. Two clusters on a machine may both have a node of its name.</summary>
/// <param name="Node">The node's name.</param>
/// <param name="Installation">What <c>node.id</c> of the data directory says.</param>
internal sealed record ContainerOwner(string Node, string Installation)
{
    /// <summary>Its labels as the engine's filters want them.</summary>
    public IEnumerable<string> Filters => [$"{DockerLabels.Node}={Node}", $"{DockerLabels.Installation}={Installation}"];

    /// <summary>The owner for a data directory, whose id is made at its first use.</summary>
    public static ContainerOwner Of(string node, string dataDir)
    {
        var file = Path.Combine(dataDir, "node.id");
        if (!File.Exists(file))
        {
            // Whole or not at all: a host may die here.
            var draft = file + ".new";
            File.WriteAllText(draft, Guid.NewGuid().ToString("N") + "\n");
            File.Move(draft, file, overwrite: true);
        }

        return new ContainerOwner(node, File.ReadAllText(file).Trim());
    }
}
