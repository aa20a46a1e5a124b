using System.ComponentModel;
using System.Text;
using Microsoft.Win32.SafeHandles;

namespace Orchestrator.Node.Agent.Launch;

/// <summary>An open handle of a directory that a hostile container may write to concurrently. Entries are accessed relative to the handle and links are
/// not followed, so nothing outside is read, written or deleted, whatever is created or swapped inside.
/// Also compiled into the command line.</summary>
internal sealed class DirectoryHandle : IDisposable
{
    // Prefix of entries that were moved up to be deleted; no version name starts with it.
    // No file of a volume may begin with two dots.
    private const string Draft = "..link.new";

    private const string Lifted = "..removed.";
    private readonly SafeFileHandle _handle;

    private DirectoryHandle(SafeFileHandle handle) => _handle = handle;

    /// <summary>Opens a directory whose path is trusted except for its last component.</summary>
    /// <exception cref="IOException">The directory does not exist.</exception>
    public static DirectoryHandle Open(string path) => new(Linux.OpenFolder(null, Name(path)) ?? throw Failed(path));

    /// <summary>Opens a subdirectory.</summary>
    /// <exception cref="IOException">It does not exist or is a link.</exception>
    public DirectoryHandle Enter(string name) => new(Linux.OpenFolder(_handle, Name(name)) ?? throw Failed(name));

    /// <summary>Creates and opens a subdirectory.</summary>
    /// <param name="name">Must not exist.</param>
    /// <param name="mode">Its permission bits, whatever the umask.</param>
    /// <exception cref="IOException">It cannot be created.</exception>
    public DirectoryHandle Make(string name, UnixFileMode mode)
    {
        if (!Linux.MakeFolder(_handle, Name(name), mode))
        {
            throw Failed(name);
        }

        var folder = Enter(name);
        File.SetUnixFileMode(folder._handle, mode);
        return folder;
    }

    /// <summary>Writes a new file.</summary>
    /// <param name="name">Must not exist.</param>
    /// <param name="content">Its bytes.</param>
    /// <param name="mode">Its permission bits, whatever the umask.</param>
    /// <param name="user">Its owner; null for that of this process.</param>
    /// <param name="group">Its group; null for that of this process.</param>
    /// <exception cref="IOException">It cannot be written, or be given to its owner, for which the process must be root.</exception>
    public void Write(string name, byte[] content, UnixFileMode mode, long? user = null, long? group = null)
    {
        using var file = Linux.CreateFile(_handle, Name(name)) ?? throw Failed(name);
        RandomAccess.Write(file, content, 0);
        if ((user ?? group) is not null && !Linux.Own(file, user, group))
        {
            throw Failed(name);
        }

        File.SetUnixFileMode(file, mode);
    }

    /// <summary>Gives the directory to a group and sets its permission bits. False if that fails.</summary>
    public bool Own(long group, UnixFileMode mode)
    {
        if (!Linux.Own(_handle, user: null, group))
        {
            return false;
        }

        File.SetUnixFileMode(_handle, mode);
        return true;
    }

    /// <summary>Whether the directory is a group's.</summary>
    public bool IsOf(long group) => Linux.GroupOf(_handle) == group;

    /// <summary>Gives all that is in the directory to a group, which may read and write it.</summary>
    /// <param name="group">The group.</param>
    /// <param name="depth">How many levels of directories are followed; a container can make so many that neither stack nor open handles suffice. What is deeper stays as it is.</param>
    /// <exception cref="IOException">The kernel refuses.</exception>
    public void GiveEntries(long group, int depth = 256)
    {
        const UnixFileMode forGroup = UnixFileMode.GroupRead | UnixFileMode.GroupWrite;
        foreach (var name in Names())
        {
            using var entry = Linux.Open(_handle, name);
            var kind = entry is null ? Linux.FileKind.None : Linux.KindOf(entry);
            if (entry is null || kind is not (Linux.FileKind.File or Linux.FileKind.Directory))
            {
                continue;
            }

            // By its handle, so that what is put in its place meanwhile is left alone.
            var path = Linux.Name(entry);
            if (kind == Linux.FileKind.Directory && depth > 0)
            {
                using var inner = Enter(name);
                inner.GiveEntries(group, depth - 1);
            }

            if (!Linux.OwnAt(path, group))
            {
                throw Failed(name);
            }

            File.SetUnixFileMode(path, File.GetUnixFileMode(path) | forGroup | (kind == Linux.FileKind.Directory ? UnixFileMode.GroupExecute | UnixFileMode.SetGroup : 0));
        }
    }

    /// <summary>Target of a link; null if there is no link of this name.</summary>
    public string? Target(string name) => Linux.ReadLink(_handle, Name(name));

    /// <summary>Creates a link and replaces an existing entry; atomically if that is not a directory.</summary>
    /// <exception cref="IOException">It cannot be created.</exception>
    public void Link(string name, string target)
    {
        var draft = Draft;
        Remove(draft);
        if (!Linux.MakeLink(Name(target), _handle, Name(draft)))
        {
            throw Failed(draft);
        }

        if (Linux.Rename(_handle, Name(draft), _handle, Name(name)))
        {
            return;
        }

        Remove(name);
        if (!Linux.Rename(_handle, Name(draft), _handle, Name(name)))
        {
            throw Failed(name);
        }
    }

    /// <summary>The names of all entries; names that are not UTF-8 are returned incorrectly.</summary>
    public IReadOnlyList<string> Names()
    {
        using var reading = Linux.OpenFolder(_handle, Name(".")) ?? throw Failed(".");
        var names = new List<string>();
        while (Linux.ReadNames(reading) is { Count: > 0 } some)
        {
            names.AddRange(some.Select(n => Encoding.UTF8.GetString(n, 0, n.Length - 1)));
        }

        return names;
    }

    /// <summary>Deletes an entry, a directory recursively. Does nothing if it does not exist.</summary>
    /// <exception cref="IOException">Something cannot be deleted, such as what is mounted there.</exception>
    public void Remove(string name) => Remove(Name(name));

    /// <summary>Deletes all entries. Nested directories are moved up before they are emptied, so that neither stack nor open handles grow with
    /// the depth that a container has created.</summary>
    /// <exception cref="IOException">Something cannot be deleted, such as what is mounted there.</exception>
    public void Clear()
    {
        while (Some(_handle) is { Count: > 0 } names)
        {
            foreach (var name in names)
            {
                Remove(name);
            }
        }
    }

    public void Dispose() => _handle.Dispose();

    private static IReadOnlyList<byte[]> Some(SafeFileHandle folder)
    {
        using var reading = Linux.OpenFolder(folder, Name(".")) ?? throw Failed(".");
        return Linux.ReadNames(reading);
    }

    // A directory may be written to while it is deleted, so it is emptied again until it is gone.
    private void Remove(byte[] name)
    {
        long lifted = 0;
        RemoveOne(name, ref lifted);
        for (long number = 0; number < lifted; number++)
        {
            RemoveOne(Name($"{Lifted}{number}"), ref lifted);
        }
    }

    private void RemoveOne(byte[] name, ref long lifted)
    {
        while (!IsGone(_handle, name))
        {
            using var inner = Linux.OpenFolder(_handle, name) ?? throw Failed(Text(name));
            while (Some(inner) is { Count: > 0 } names)
            {
                foreach (var item in names.Where(n => !IsGone(inner, n)))
                {
                    while (!Linux.Rename(inner, item, _handle, Name($"{Lifted}{lifted++}")))
                    {
                        if (!Linux.IsTaken)
                        {
                            throw Failed(Text(item));
                        }
                    }
                }
            }
        }
    }

    /// <summary>Deletes a file, a link or an empty folder.</summary>
    /// <returns>False if it is a directory that is not empty.</returns>
    /// <exception cref="IOException">It cannot be deleted.</exception>
    private static bool IsGone(SafeFileHandle folder, byte[] name) =>
        Linux.Remove(folder, name, isFolder: false) || Linux.IsMissing || Linux.Remove(folder, name, isFolder: true) || Linux.IsMissing
        || (Linux.IsTaken ? false : throw Failed(Text(name)));

    private static byte[] Name(string name) => Encoding.UTF8.GetBytes(name + '\0');

    private static string Text(byte[] name) => Encoding.UTF8.GetString(name, 0, name.Length - 1);

    private static IOException Failed(string name)
    {
        var cause = new Win32Exception();
        return new IOException($"{name}: {cause.Message}", cause);
    }
}
