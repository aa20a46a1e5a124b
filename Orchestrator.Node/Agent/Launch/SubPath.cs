using System.ComponentModel;
using Microsoft.Win32.SafeHandles;

namespace Orchestrator.Node.Agent.Launch;

/// <summary>Resolves a path in a volume that a container may write to. Every component is kept open while the next one is resolved, and links are
/// followed manually, so that a concurrent swap cannot lead out of the volume.</summary>
internal static class SubPath
{
    private const int MaxLinks = 40;

    // How often a path is opened anew that a container removed meanwhile. It may do so without end.
    private const int MaxTries = 20;

    /// <summary>Opens the path and creates missing directories.</summary>
    /// <param name="volume">The volume's folder, or its file.</param>
    /// <param name="sub">Relative, without <c>..</c>.</param>
    /// <exception cref="LaunchException">It is outside of the volume, or cannot be opened.</exception>
    public static SafeFileHandle Open(string volume, string sub)
    {
        var outside = new LaunchException($"subPath \"{sub}\" must stay inside its volume");
        if (sub.StartsWith('/') || sub.Split('/').Contains(".."))
        {
            throw outside;
        }

        // The open directories from the volume to the current one; ".." in a link's target goes back along them, never past the volume.
        var way = new Stack<SafeFileHandle>();
        var parts = new Stack<string>(Parts(sub).Reverse());
        try
        {
            way.Push(Linux.Open(null, volume) ?? throw new LaunchException($"{volume} does not exist"));
            for (var links = 0; parts.TryPop(out var part);)
            {
                if (part == "..")
                {
                    if (way.Count == 1)
                    {
                        throw outside;
                    }

                    way.Pop().Dispose();
                    continue;
                }

                var next = OpenOrMake(way.Peek(), part) ?? throw Removed(sub);
                if (Linux.KindOf(next) != Linux.FileKind.Link)
                {
                    way.Push(next);
                    continue;
                }

                next.Dispose();
                var target = new FileInfo($"{Linux.Name(way.Peek())}/{part}").LinkTarget;
                if (target is null || target.StartsWith('/') || ++links > MaxLinks)
                {
                    throw outside;
                }

                foreach (var step in Parts(target).Reverse())
                {
                    parts.Push(step);
                }
            }

            return way.Pop();
        }
        catch (Win32Exception e)
        {
            throw new LaunchException($"subPath \"{sub}\" cannot be opened: {e.Message}");
        }
        finally
        {
            foreach (var handle in way)
            {
                handle.Dispose();
            }
        }
    }

    /// <summary>Bind-mounts the path to a place that containers cannot access, so that it cannot be swapped after the check.</summary>
    /// <param name="volume">The volume's folder.</param>
    /// <param name="sub">Relative, without <c>..</c>.</param>
    /// <param name="place">Mount point; created if missing, an earlier mount is replaced.</param>
    /// <returns>The path to mount into the container.</returns>
    /// <exception cref="LaunchException">It is outside of the volume, or cannot be mounted. The path itself is not used because a container could swap it.</exception>
    public static string Show(string volume, string sub, string place)
    {
        for (var tries = 1; tries <= MaxTries; tries++)
        {
            using var handle = Open(volume, sub);
            Prepare(place, handle);
            if (Linux.TryBind(Linux.Name(handle), place))
            {
                return place;
            }

            if (!Linux.IsMissing)
            {
                throw new LaunchException($"subPath \"{sub}\" cannot be mounted: {Linux.LastError}; orchestrator-node needs permission to mount (run it as root)");
            }
        }

        throw Removed(sub);
    }

    /// <summary>Current path of an open handle.</summary>
    public static string PathOf(SafeFileHandle handle) => new FileInfo(Linux.Name(handle)).LinkTarget ?? throw new IOException("the path of the handle cannot be read");

    // An empty folder or file for the mount.
    private static void Prepare(string place, SafeFileHandle handle)
    {
        Mounts.Clear(place);
        using (var parent = DirectoryHandle.Open(Directory.CreateDirectory(Path.GetDirectoryName(place)!).FullName))
        {
            parent.Remove(Path.GetFileName(place));
        }

        if (Linux.KindOf(handle) == Linux.FileKind.Directory)
        {
            Directory.CreateDirectory(place);
        }
        else
        {
            File.WriteAllBytes(place, []);
        }
    }

    private static SafeFileHandle? OpenOrMake(SafeFileHandle folder, string name)
    {
        var opened = Linux.Open(folder, name);
        for (var tries = 1; opened is null && tries <= MaxTries; tries++)
        {
            Linux.MakeFolder(folder, name);
            opened = Linux.Open(folder, name);
        }

        return opened;
    }

    private static LaunchException Removed(string sub) => new($"subPath \"{sub}\" is removed from its volume again and again while it is being mounted");

    private static string[] Parts(string path) => [.. path.Split('/', StringSplitOptions.RemoveEmptyEntries).Where(p => p != ".")];
}
