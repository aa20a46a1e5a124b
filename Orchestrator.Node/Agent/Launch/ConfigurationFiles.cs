using System.Security.Cryptography;

namespace Orchestrator.Node.Agent.Launch;

/// <summary>A file of a configuration volume.</summary>
/// <param name="Path">Relative, inside the volume.</param>
/// <param name="Content">Its bytes.</param>
/// <param name="Mode">Permission bits.</param>
/// <param name="User">Its owner; null for that of this process.</param>
/// <param name="Group">Its group; null for that of this process.</param>
internal sealed record ConfigurationFile(string Path, byte[] Content, int Mode, long? User = null, long? Group = null);

/// <summary>Writes configuration volumes atomically: a new folder, then a link is swapped, so that a reader sees either the old or the new version.
/// The content of the folder is not trusted because containers have access to it; the current version is recorded outside of it.</summary>
internal static class ConfigurationFiles
{
    private const string Link = "..data";
    private const UnixFileMode FolderMode = (UnixFileMode)0b111_101_101;
    private const int MaxPath = 4096;

    /// <summary>Updates the folder of a volume.</summary>
    /// <param name="folder">Folder of the volume; mounted into containers.</param>
    /// <param name="record">File with the current version of the folder; not accessible to containers.</param>
    /// <param name="files">All files of the volume. If two have the same path, the later one wins.</param>
    /// <exception cref="LaunchException">A path is outside of the volume, or is both a file and a folder.</exception>
    /// <exception cref="IOException">It cannot be written.</exception>
    public static void Write(string folder, string record, IEnumerable<ConfigurationFile> files)
    {
        var all = files.GroupBy(f => string.Join('/', Parts(f.Path)), (path, same) => same.Last() with { Path = path }).OrderBy(f => f.Path, StringComparer.Ordinal).ToList();
        var paths = all.Select(f => f.Path).ToHashSet();
        if (all.SelectMany(f => Folders(f.Path)).FirstOrDefault(paths.Contains) is { } both)
        {
            throw new LaunchException($"the path {both} cannot be both a file and a folder");
        }

        var version = Version(all);
        if (File.Exists(record) && File.ReadAllText(record) == version)
        {
            return;
        }

        using var volume = DirectoryHandle.Open(folder);
        var fresh = volume.Target(Link) == $"..{version}" ? $"..{version}.again" : $"..{version}";
        volume.Remove(fresh);
        using (var target = volume.Make(fresh, FolderMode))
        {
            Fill(target, all);
        }

        volume.Link(Link, fresh);
        var visible = all.Select(f => f.Path.Split('/')[0]).Append(Link).Append(fresh).ToHashSet();
        foreach (var top in visible.Where(t => t != Link && t != fresh && volume.Target(t) != $"{Link}/{t}"))
        {
            volume.Link(top, $"{Link}/{top}");
        }

        foreach (var stale in volume.Names().Where(n => !visible.Contains(n)))
        {
            volume.Remove(stale);
        }

        Directory.CreateDirectory(Path.GetDirectoryName(record)!);
        File.WriteAllText(record, version);
    }

    private static void Fill(DirectoryHandle target, IEnumerable<ConfigurationFile> files)
    {
        var made = new HashSet<string>();
        foreach (var file in files)
        {
            var at = target;
            foreach (var folder in Folders(file.Path))
            {
                var next = made.Add(folder) ? at.Make(Last(folder), FolderMode) : at.Enter(Last(folder));
                Leave(at);
                at = next;
            }

            at.Write(Last(file.Path), file.Content, (UnixFileMode)(file.Mode & 0b111_111_111), file.User, file.Group);
            Leave(at);
        }

        static string Last(string path) => path[(path.LastIndexOf('/') + 1)..];

        void Leave(DirectoryHandle folder)
        {
            if (folder != target)
            {
                folder.Dispose();
            }
        }
    }

    // The parent folders of a file, outermost first.
    private static IEnumerable<string> Folders(string path)
    {
        for (var at = path.IndexOf('/'); at >= 0; at = path.IndexOf('/', at + 1))
        {
            yield return path[..at];
        }
    }

    private static string[] Parts(string path)
    {
        string[] parts = [.. path.Split('/').Where(p => p is not ("" or "."))];
        return parts.Length == 0 || path.StartsWith('/') || path.Length > MaxPath || parts.Contains("..") || parts[0].StartsWith("..", StringComparison.Ordinal)
            ? throw new LaunchException($"the path {path} must stay inside its volume, and cannot begin with \"..\"")
            : parts;
    }

    private static string Version(IEnumerable<ConfigurationFile> files)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        foreach (var file in files)
        {
            hash.AppendData(System.Text.Encoding.UTF8.GetBytes($"{file.Path}\0{file.Mode}\0{file.User}\0{file.Group}\0{file.Content.Length}\0"));
            hash.AppendData(file.Content);
        }

        return Convert.ToHexStringLower(hash.GetHashAndReset())[..16];
    }
}
