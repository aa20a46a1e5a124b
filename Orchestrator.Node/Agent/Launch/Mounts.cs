using System.Runtime.InteropServices;
using System.Text;
using System.Text.RegularExpressions;

namespace Orchestrator.Node.Agent.Launch;

/// <summary>Finds and removes mounts below a directory. They outlive the process, so they are read from the kernel. Also compiled into the CLI.</summary>
internal static partial class Mounts
{
    private const int Detach = 2;
    private const int MaxPath = 4096;

    /// <summary>Returns the mounts on and below a directory, innermost and newest first.</summary>
    public static IReadOnlyList<string> Under(string folder)
    {
        var real = Real(folder);
        return [.. All()
            .Where(at => at == real || at.StartsWith(real + "/", StringComparison.Ordinal))
            .Reverse()];
    }

    /// <summary>Whether a path is a mount point. Only its parent is looked at: what is mounted there may not answer.</summary>
    public static bool IsAt(string path)
    {
        var full = Path.TrimEndingDirectorySeparator(Path.GetFullPath(path));
        return All().Contains(Path.GetDirectoryName(full) is { } parent ? Path.Combine(Real(parent), Path.GetFileName(full)) : full);
    }

    /// <summary>Unmounts everything on and below a directory.</summary>
    /// <exception cref="IOException">A mount remains; deleting below it would delete the mounted files.</exception>
    public static void Clear(string folder) => Clear(Under(folder));

    /// <summary>Unmounts what is mounted on a path itself, however often. Only its parent is looked at: what is mounted there may not answer.</summary>
    /// <exception cref="IOException">A mount remains.</exception>
    public static void Release(string path)
    {
        while (IsAt(path))
        {
            Clear([path]);
        }
    }

    private static void Clear(IEnumerable<string> mounts)
    {
        foreach (var at in mounts)
        {
            if (Unmount(at, Detach) != 0)
            {
                throw new IOException($"{at} cannot be unmounted: {Marshal.GetLastPInvokeErrorMessage()}");
            }
        }
    }

    /// <summary>Deletes a directory recursively, but no files that are only visible in it through a mount or a link. A directory that is a
    /// mount point itself is emptied and kept.</summary>
    /// <exception cref="IOException">Something cannot be unmounted or deleted.</exception>
    public static void Delete(string folder)
    {
        var real = Real(folder);
        var mounts = Under(folder);
        Clear(mounts.Where(m => m != real));
        using (var held = DirectoryHandle.Open(real))
        {
            held.Clear();
        }

        if (!mounts.Contains(real))
        {
            Directory.Delete(real);
        }
    }

    private static IEnumerable<string> All() => File.ReadLines("/proc/self/mountinfo").Select(line => Plain(line.Split(' ')[4]));

    // The kernel lists mounts by paths without links.
    private static string Real(string path)
    {
        var resolved = new byte[MaxPath];
        return RealPath(path, resolved) == IntPtr.Zero ? Path.GetFullPath(path) : Encoding.UTF8.GetString(resolved, 0, Array.IndexOf(resolved, (byte)0));
    }

    // The kernel writes blanks and other special characters as octal numbers.
    private static string Plain(string text) => Octal().Replace(text, m => ((char)Convert.ToInt32(m.Groups[1].Value, 8)).ToString());

    [GeneratedRegex(@"\\([0-7]{3})")]
    private static partial Regex Octal();

    [DllImport("libc", EntryPoint = "umount2", SetLastError = true, CharSet = CharSet.Ansi, BestFitMapping = false, ThrowOnUnmappableChar = true)]
    private static extern int Unmount(string target, int flags);

    [DllImport("libc", EntryPoint = "realpath", SetLastError = true, CharSet = CharSet.Ansi, BestFitMapping = false, ThrowOnUnmappableChar = true)]
    private static extern IntPtr RealPath(string path, [Out] byte[] resolved);
}
