using System.ComponentModel;
using Microsoft.Win32.SafeHandles;

namespace Orchestrator.Node.Agent.Launch;

/// <summary>A path inside a volume that a container may write. Every part is held open while the next is looked up, and links are
/// followed by hand, so nothing that is swapped meanwhile leads out of the volume.</summary>
internal static class SubPath
{
    private const int MaxLinks = 40;

    /// <summary>Holds the path; folders that are missing are made.</summary>
    /// <param name="volume">The volume's folder, or its file.</param>
    /// <param name="sub">Relative, without <c>..</c>.</param>
    /// <exception cref="LaunchException">It leads out of the volume, or cannot be had.</exception>
    public static SafeFileHandle Open(string volume, string sub)
    {
        var outside = new LaunchException($"subPath \"{sub}\" must stay inside its volume");
        if (sub.StartsWith('/') || sub.Split('/').Contains(".."))
        {
            throw outside;
        }

        // From the volume to where we are: ".." of a link's target goes back along it, never past the volume.
        var way = new Stack<SafeFileHandle>();
        var parts = new Stack<string>(Parts(sub).Reverse());
        try
        {
            way.Push(Linux.Open(null, volume) ?? throw new LaunchException($"{volume} is not there"));
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

                var next = Linux.Open(way.Peek(), part);
                if (next is null)
                {
                    Linux.MakeFolder(way.Peek(), part);
                    next = Linux.Open(way.Peek(), part) ?? throw new LaunchException($"subPath \"{sub}\" went away");
                }

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
            throw new LaunchException($"subPath \"{sub}\" cannot be had: {e.Message}");
        }
        finally
        {
            foreach (var handle in way)
            {
                handle.Dispose();
            }
        }
    }

    /// <summary>Shows the path at a place that the container cannot reach, so that it stays what was checked.</summary>
    /// <param name="volume">The volume's folder.</param>
    /// <param name="sub">Relative, without <c>..</c>.</param>
    /// <param name="place">Where; made if missing, what was shown there before goes.</param>
    /// <returns>What to bind into the container: the place.</returns>
    /// <exception cref="LaunchException">It leads out of the volume, or cannot be shown: to bind the path itself would let a container swap it.</exception>
    public static string Show(string volume, string sub, string place)
    {
        using var handle = Open(volume, sub);
        Mounts.Clear(place);
        using (var parent = HeldFolder.Open(Directory.CreateDirectory(Path.GetDirectoryName(place)!).FullName))
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

        return Linux.TryBind(Linux.Name(handle), place) ? place
            : throw new LaunchException($"subPath \"{sub}\" cannot be mounted: {Linux.LastError}; the node's process needs the right to mount (run it as root)");
    }

    /// <summary>Where what is held lies.</summary>
    public static string PathOf(SafeFileHandle handle) => new FileInfo(Linux.Name(handle)).LinkTarget ?? throw new IOException("the kernel does not tell the path");

    private static string[] Parts(string path) => [.. path.Split('/', StringSplitOptions.RemoveEmptyEntries).Where(p => p != ".")];
}
