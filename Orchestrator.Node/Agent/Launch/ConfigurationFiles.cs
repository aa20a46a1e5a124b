using System.Runtime.InteropServices;
using System.Security.Cryptography;

namespace Orchestrator.Node.Agent.Launch;

/// <summary>A file of a configuration volume.</summary>
/// <param name="Path">Relative, inside the volume.</param>
/// <param name="Content">Its bytes.</param>
/// <param name="Mode">Permission bits.</param>
internal sealed record ConfigurationFile(string Path, byte[] Content, int Mode);

/// <summary>Writes configuration so that a reader sees the old or the new version whole: a fresh folder, then one link swapped.</summary>
internal static class ConfigurationFiles
{
    private const string Link = "..data";

    public static void Write(string folder, IEnumerable<ConfigurationFile> files)
    {
        var all = files.OrderBy(f => f.Path, StringComparer.Ordinal).ToList();
        var version = ".." + Version(all);
        var target = Path.Combine(folder, version);
        var link = Path.Combine(folder, Link);
        var before = new FileInfo(link).LinkTarget;
        if (before == version)
        {
            return;
        }

        foreach (var file in all)
        {
            var path = Path.Combine(target, file.Path);
            if (file.Path.Split('/').Contains("..") || Path.IsPathRooted(file.Path))
            {
                throw new LaunchException($"the path {file.Path} must stay inside its volume");
            }

            Directory.CreateDirectory(Path.GetDirectoryName(path)!);
            File.WriteAllBytes(path, file.Content);
            File.SetUnixFileMode(path, (UnixFileMode)(file.Mode & 0b111_111_111));
        }

        Directory.CreateDirectory(target);
        var fresh = Path.Combine(folder, "..data.new");
        File.Delete(fresh);
        File.CreateSymbolicLink(fresh, version);
        if (Rename(fresh, link) != 0)
        {
            throw new IOException($"{link} could not be replaced: {Marshal.GetLastPInvokeErrorMessage()}");
        }

        foreach (var top in all.Select(f => f.Path.Split('/')[0]).Distinct())
        {
            var visible = Path.Combine(folder, top);
            if (new FileInfo(visible).LinkTarget is null)
            {
                File.CreateSymbolicLink(visible, $"{Link}/{top}");
            }
        }

        foreach (var stale in Directory.EnumerateFileSystemEntries(folder).Where(e => !Path.GetFileName(e).StartsWith("..", StringComparison.Ordinal)
            && all.All(f => f.Path.Split('/')[0] != Path.GetFileName(e))).ToList())
        {
            File.Delete(stale);
        }

        if (before is not null && Directory.Exists(Path.Combine(folder, before)))
        {
            Directory.Delete(Path.Combine(folder, before), recursive: true);
        }
    }

    // The one call that replaces a link to a folder at once; the framework's moves follow the link.
    [DllImport("libc", EntryPoint = "rename", SetLastError = true, CharSet = CharSet.Ansi, BestFitMapping = false, ThrowOnUnmappableChar = true)]
    private static extern int Rename(string from, string to);

    private static string Version(IEnumerable<ConfigurationFile> files)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        foreach (var file in files)
        {
            hash.AppendData(System.Text.Encoding.UTF8.GetBytes($"{file.Path}\0{file.Mode}\0{file.Content.Length}\0"));
            hash.AppendData(file.Content);
        }

        return Convert.ToHexStringLower(hash.GetHashAndReset())[..16];
    }
}
