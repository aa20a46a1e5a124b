namespace Orchestrator.Node.Hosting;

/// <summary>The data directory is its owner's alone: journal, keys and volumes hold secrets. Containers reach their volumes by mounts.</summary>
internal static class OwnDirectory
{
    public const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute;
    private static readonly string[] Signs = ["node.lock", "node.arguments", "pki"];

    /// <summary>Makes the directory, or closes one that is empty or a host's already. One that holds something else keeps its mode: it may be shared.</summary>
    public static void Take(string path)
    {
        if (!Directory.Exists(path))
        {
            Directory.CreateDirectory(path, OwnerOnly);
        }
        else if (Directory.EnumerateFileSystemEntries(path).Select(Path.GetFileName).ToList() is var names && (names.Count == 0 || names.Intersect(Signs).Any()))
        {
            File.SetUnixFileMode(path, OwnerOnly);
        }
    }
}
