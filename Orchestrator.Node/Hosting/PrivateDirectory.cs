namespace Orchestrator.Node.Hosting;

/// <summary>Restricts the data directory to its owner, because journal, keys and volumes hold secrets. Containers access their volumes by mounts.</summary>
internal static class PrivateDirectory
{
    public const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute;
    private static readonly string[] Markers = ["node.lock", "node.arguments", "pki"];

    /// <summary>Creates the directory with mode 700, or sets that mode if it is empty or already a data directory. A directory with other content keeps its mode because it may be shared.</summary>
    public static void Prepare(string path)
    {
        if (!Directory.Exists(path))
        {
            Directory.CreateDirectory(path, OwnerOnly);
        }
        else if (Directory.EnumerateFileSystemEntries(path).Select(Path.GetFileName).ToList() is var names && (names.Count == 0 || names.Intersect(Markers).Any()))
        {
            File.SetUnixFileMode(path, OwnerOnly);
        }
    }
}
