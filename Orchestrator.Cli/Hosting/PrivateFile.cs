namespace Orchestrator.Cli.Hosting;

/// <summary>Files that only their owner may read.</summary>
internal static class PrivateFile
{
    private const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite;

    /// <summary>Creates the file with mode 600, or sets that mode.</summary>
    public static void Prepare(string path)
    {
        new FileStream(path, new FileStreamOptions { Mode = FileMode.OpenOrCreate, Access = FileAccess.Write, UnixCreateMode = OwnerOnly, Share = FileShare.ReadWrite }).Dispose();
        File.SetUnixFileMode(path, OwnerOnly);
    }
}
