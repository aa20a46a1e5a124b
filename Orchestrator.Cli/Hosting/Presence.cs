namespace Orchestrator.Cli.Hosting;

/// <summary>Whether files are there, and what is in them. <see cref="File.Exists"/> says no of what it may not look at, which misleads.</summary>
internal static class Presence
{
    /// <summary>Whether there is a file or a directory.</summary>
    /// <exception cref="CliException">Nobody can tell: a directory on the way is closed to this user.</exception>
    public static bool IsThere(string path) => IsThere(path, File.GetAttributes);

    public static bool IsThere(string path, Func<string, FileAttributes> look)
    {
        try
        {
            look(path);
            return true;
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
        {
            return false;
        }
        catch (UnauthorizedAccessException)
        {
            throw Denied(path);
        }
    }

    /// <summary>The text of a file.</summary>
    /// <exception cref="CliException">It cannot be read; the message says why.</exception>
    public static string Read(string path)
    {
        try
        {
            return File.ReadAllText(path);
        }
        catch (UnauthorizedAccessException)
        {
            throw Denied(path);
        }
        catch (IOException e)
        {
            throw new CliException($"{path} cannot be read: {e.Message}");
        }
    }

    private static CliException Denied(string path) =>
        new($"{path}: permission denied for {Environment.UserName}: run this as the user whose file it is, or let that user give read rights.");
}
