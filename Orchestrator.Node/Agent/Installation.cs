namespace Orchestrator.Node.Agent;

/// <summary>What tells a data directory from every other: <c>node.id</c> in it, made at its first use. Nodes and containers are its own by this, not
/// by their names, which two hosts may share.</summary>
internal static class Installation
{
    /// <summary>The id of a data directory: 32 hexadecimal digits, as a machine id has.</summary>
    public static string Of(string dataDir)
    {
        var file = Path.Combine(dataDir, "node.id");
        if (!File.Exists(file))
        {
            // Whole or not at all: a host may die here.
            var draft = file + ".new";
            File.WriteAllText(draft, Guid.NewGuid().ToString("N") + "\n");
            File.Move(draft, file, overwrite: true);
        }

        return File.ReadAllText(file).Trim();
    }
}
