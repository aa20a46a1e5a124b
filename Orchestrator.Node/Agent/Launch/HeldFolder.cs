using System.ComponentModel;
using System.Text;
using Microsoft.Win32.SafeHandles;

namespace Orchestrator.Node.Agent.Launch;

/// <summary>A folder in which somebody hostile may write at the same time, held open. What is in it is reached by one name from here, and
/// no link is followed: whatever is planted or swapped there, nothing outside is read, written or deleted.
/// Compiled into the command line as well.</summary>
internal sealed class HeldFolder : IDisposable
{
    // What is lifted to be deleted; no name of a version begins so.
    private const string Lifted = "..removed.";
    private readonly SafeFileHandle _handle;

    private HeldFolder(SafeFileHandle handle) => _handle = handle;

    /// <summary>Holds a folder whose path is trusted up to its last part.</summary>
    /// <exception cref="IOException">There is no folder.</exception>
    public static HeldFolder Open(string path) => new(Linux.OpenFolder(null, Name(path)) ?? throw Failed(path));

    /// <summary>Holds a folder in this one.</summary>
    /// <exception cref="IOException">There is none of the name, or a link.</exception>
    public HeldFolder Enter(string name) => new(Linux.OpenFolder(_handle, Name(name)) ?? throw Failed(name));

    /// <summary>Makes a folder and holds it.</summary>
    /// <param name="name">Nothing may be there.</param>
    /// <param name="mode">Its permission bits, whatever the umask.</param>
    /// <exception cref="IOException">It cannot be made.</exception>
    public HeldFolder Make(string name, UnixFileMode mode)
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
    /// <param name="name">Nothing may be there.</param>
    /// <param name="content">Its bytes.</param>
    /// <param name="mode">Its permission bits, whatever the umask.</param>
    /// <exception cref="IOException">It cannot be written.</exception>
    public void Write(string name, byte[] content, UnixFileMode mode)
    {
        using var file = Linux.CreateFile(_handle, Name(name)) ?? throw Failed(name);
        RandomAccess.Write(file, content, 0);
        File.SetUnixFileMode(file, mode);
    }

    /// <summary>Where a link leads; null when there is none of the name.</summary>
    public string? Target(string name) => Linux.ReadLink(_handle, Name(name));

    /// <summary>Makes a link, in place of whatever has the name: at once, where that is no folder.</summary>
    /// <exception cref="IOException">It cannot be made.</exception>
    public void Link(string name, string target)
    {
        var draft = name + ".new";
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

    /// <summary>The names of all that is in it; those that are no UTF-8 come out wrong.</summary>
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

    /// <summary>Deletes what has a name, a folder with all in it; nothing: does nothing.</summary>
    /// <exception cref="IOException">Something cannot be deleted, such as what is mounted there.</exception>
    public void Remove(string name) => Remove(Name(name));

    /// <summary>Deletes all that is in it. Depth, number and names do not matter: folders in folders are lifted up here before they are emptied,
    /// so neither the stack nor the handles grow with what a container made.</summary>
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

    // What is deleted may be written to meanwhile, so it is looked at again until it is gone.
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
    /// <returns>False for a folder with something in it.</returns>
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
