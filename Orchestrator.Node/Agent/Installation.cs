namespace Orchestrator.Node.Agent;

/// <summary>The unique id of a data directory, in <c>node.id</c>, generated at its first use. Nodes and containers are owned by this id and not
/// by name, because two hosts may use the same name.</summary>
internal static class Installation
{
    private const string FileName = "node.id";

    /// <summary>Whether a data directory has an id.</summary>
    public static bool Exists(string dataDir) => File.Exists(Path.Combine(dataDir, FileName));

    /// <summary>The id of a data directory: 32 hexadecimal digits, like a machine id.</summary>
    public static string Of(string dataDir)
    {
        var file = Path.Combine(dataDir, FileName);
        if (!File.Exists(file))
        {
            // Written atomically, because the host may crash here.
            var draft = file + ".new";
            File.WriteAllText(draft, Guid.NewGuid().ToString("N") + "\n");
            File.Move(draft, file, overwrite: true);
        }

        return File.ReadAllText(file).Trim();
    }
}
