using System.Text;
using Microsoft.Win32.SafeHandles;
using Orchestrator.Node.Agent.Launch;

namespace Orchestrator.Node.Agent.Eviction;

/// <summary>Counts what a folder takes on the disk that containers write to meanwhile. No link is followed, other file systems are left out, a file with several names counts once, and
/// the work is bounded: a container that makes more files than that is counted as using at least what was seen.</summary>
internal static class DiskWalk
{
    /// <summary>Files and folders that are looked at in one folder at most.</summary>
    public const int Most = 500_000;

    /// <summary>Counts a folder.</summary>
    /// <param name="path">Its path; trusted but for the last component.</param>
    /// <param name="cancellation">Ends the count: what was seen is returned.</param>
    /// <param name="most">How many files and folders are looked at.</param>
    /// <returns>Nothing if it does not exist or may not be read.</returns>
    public static DiskUse Of(string path, CancellationToken cancellation, int most = Most)
    {
        using var root = Linux.OpenFolder(null, Name(path));
        if (root is null || Linux.FactsOf(root) is not { } facts)
        {
            return DiskUse.None;
        }

        var walk = new Walk(root, facts.Device, most) { Bytes = facts.Bytes, Inodes = 1 };
        walk.Folders.Push(null);
        while (walk.Folders.TryPop(out var folder) && walk.Left > 0 && !cancellation.IsCancellationRequested)
        {
            walk.Look(folder);
        }

        return new DiskUse(walk.Bytes, walk.Inodes, walk.Folders.Count == 0 && walk.Left > 0);
    }

    private static byte[] Name(string text) => Encoding.UTF8.GetBytes(text + '\0');

    // A folder by the names that lead to it. It is opened anew from the root for each look, so that neither handles nor the stack grow with the depth that a container has made.
    private sealed record Folder(Folder? Parent, byte[] Name);

    private sealed class Walk(SafeFileHandle root, ulong device, int most)
    {
        private readonly HashSet<ulong> _seen = [];

        public Stack<Folder?> Folders { get; } = new();

        public int Left { get; private set; } = most;

        public long Bytes { get; set; }

        public long Inodes { get; set; }

        public void Look(Folder? folder)
        {
            using var handle = Open(folder);
            while (handle is not null && Left > 0 && Linux.ReadNames(handle) is { Count: > 0 } names)
            {
                foreach (var name in names)
                {
                    if (--Left <= 0)
                    {
                        return;
                    }

                    Count(folder, handle, name);
                }
            }
        }

        private void Count(Folder? folder, SafeFileHandle handle, byte[] name)
        {
            if (Linux.FactsOf(handle, name) is not { } facts || facts.Device != device)
            {
                return;
            }

            if (facts.Kind == Linux.FileKind.Directory)
            {
                Folders.Push(new Folder(folder, name));
            }
            else if (facts.Links > 1 && !_seen.Add(facts.Inode))
            {
                return;
            }

            Bytes += facts.Bytes;
            Inodes++;
        }

        private SafeFileHandle? Open(Folder? folder)
        {
            var names = new Stack<byte[]>();
            for (; folder is not null; folder = folder.Parent)
            {
                names.Push(folder.Name);
            }

            var handle = Linux.OpenFolder(root, Name("."));
            while (handle is not null && names.TryPop(out var name))
            {
                Left--;
                var next = Linux.OpenFolder(handle, name);
                handle.Dispose();

                // What was swapped meanwhile may be a mount point now.
                handle = next is not null && Linux.FactsOf(next) is { } facts && facts.Device == device ? next : null;
                if (handle is null)
                {
                    next?.Dispose();
                }
            }

            return handle;
        }
    }
}
