namespace Orchestrator.Cli.Hosting;

/// <summary>Checks and reads files. Unlike <see cref="File.Exists"/> it reports an error if the user lacks the permission to look.</summary>
internal static class Presence
{
    /// <summary>Whether a file or directory exists.</summary>
    /// <exception cref="CliException">The user has no access to a parent directory.</exception>
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

    /// <summary>Returns the text of a file.</summary>
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
