using System.ComponentModel;
using System.Runtime.InteropServices;
using System.Text;
using Microsoft.Win32.SafeHandles;

namespace Orchestrator.Node.Agent.Launch;

/// <summary>System calls that the framework does not provide.</summary>
internal static class Linux
{
    private const int OpenPath = 0x200000;
    private const int OpenCloseOnExec = 0x80000;
    private const int AtCwd = -100;
    private const int AtEmptyPath = 0x1000;
    private const int StatxSize = 256;
    private const int StatxModeAt = 28;
    private const uint StatxType = 1;
    private const uint StatxBasic = 0x7FF;
    private const int StatxLinksAt = 16;
    private const int StatxInodeAt = 32;
    private const int StatxBlocksAt = 48;
    private const int StatxDeviceAt = 136;
    private const int StatxBlock = 512;
    private const int AtNoFollow = 0x100;
    private const int AtNoAutomount = 0x800;
    private const int TypeBits = 0xF000;
    private const int StatVfsFields = 16;
    private const uint StatxGroup = 0x10;
    private const int StatxGroupAt = 24;
    private const int OpenDirectory = 0x10000;
    private const int OpenNoFollow = 0x20000;
    private const int OpenWrite = 1;
    private const int OpenCreate = 0x40;
    private const int OpenExclusive = 0x80;
    private const int RemoveDirectory = 0x200;
    private const int OwnerOnly = 0b110_000_000;
    private const int Enoent = 2;
    private const int Eintr = 4;
    private const int Eexist = 17;
    private const int Enotdir = 20;
    private const int Enotempty = 39;
    private const int NamesSize = 32 << 10;
    private const int NameLengthAt = 16;
    private const int NameAt = 19;
    private const ulong MsBind = 4096;

    /// <summary>Type of a file.</summary>
    internal enum FileKind
    {
        None = 0,
        Fifo = 0x1000,
        CharDevice = 0x2000,
        Directory = 0x4000,
        BlockDevice = 0x6000,
        File = 0x8000,
        Link = 0xA000,
        Socket = 0xC000,
    }

    /// <summary>Error message of the last call.</summary>
    public static string LastError => Marshal.GetLastPInvokeErrorMessage();

    /// <summary>Returns the type of the file at a path, following links; <see cref="FileKind.None"/> if there is none.</summary>
    public static FileKind KindOf(string path) => Kind(AtCwd, path, 0);

    /// <summary>Returns the type of an open file.</summary>
    public static FileKind KindOf(SafeFileHandle handle) => Kind((int)handle.DangerousGetHandle(), "", AtEmptyPath);

    /// <summary>Opens a path without read access (<c>O_PATH</c>). Does not follow a link in its last component. Null if it does not exist.</summary>
    /// <exception cref="Win32Exception">Any other error.</exception>
    public static SafeFileHandle? Open(SafeFileHandle? folder, string name)
    {
        var directory = folder is null ? AtCwd : (int)folder.DangerousGetHandle();
        var fd = OpenAt(directory, name, OpenPath | OpenCloseOnExec | (folder is null ? 0 : OpenNoFollow));
        return fd >= 0 ? new SafeFileHandle(fd, ownsHandle: true)
            : Marshal.GetLastPInvokeError() == Enoent ? null
            : throw new Win32Exception();
    }

    /// <summary>Creates a directory in an open one, unless it exists.</summary>
    public static void MakeFolder(SafeFileHandle folder, string name)
    {
        const int mode = 0b111_101_101;
        if (MakeDirectoryAt((int)folder.DangerousGetHandle(), name, mode) != 0 && Marshal.GetLastPInvokeError() != Eexist)
        {
            throw new Win32Exception();
        }
    }

    /// <summary>Whether the last call failed because the file does not exist.</summary>
    public static bool IsMissing => Marshal.GetLastPInvokeError() == Enoent;

    /// <summary>Whether the last call failed because the file exists, is not empty or is not a directory.</summary>
    public static bool IsTaken => Marshal.GetLastPInvokeError() is Eexist or Enotempty or Enotdir;

    /// <summary>Opens a directory to list and change its entries; null if it does not exist or is a link.</summary>
    public static SafeFileHandle? OpenFolder(SafeFileHandle? folder, byte[] name) => Held(OpenAt(Number(folder), name, OpenDirectory | OpenNoFollow | OpenCloseOnExec, 0));

    /// <summary>Creates a file that only its owner can access and opens it for writing; null if that fails, such as because it exists.</summary>
    public static SafeFileHandle? CreateFile(SafeFileHandle folder, byte[] name) =>
        Held(OpenAt(Number(folder), name, OpenWrite | OpenCreate | OpenExclusive | OpenNoFollow | OpenCloseOnExec, OwnerOnly));

    /// <summary>Gives an open file to a user, a group or both. False if it fails.</summary>
    public static bool Own(SafeFileHandle file, long? user, long? group) => ChangeOwner((int)file.DangerousGetHandle(), Id(user), Id(group)) == 0;

    /// <summary>Gives the file at a path to a group, following links, such as those of open files. False if it fails.</summary>
    public static bool OwnAt(string path, long group) => ChangeOwnerAt(path, uint.MaxValue, Id(group)) == 0;

    /// <summary>Returns the group of an open file.</summary>
    public static long GroupOf(SafeFileHandle file)
    {
        var facts = new byte[StatxSize];
        return Statx(Number(file), "", AtEmptyPath, StatxGroup, facts) == 0 ? BitConverter.ToUInt32(facts, StatxGroupAt) : -1;
    }

    /// <summary>Creates a directory in an open one. False if it fails.</summary>
    public static bool MakeFolder(SafeFileHandle folder, byte[] name, UnixFileMode mode) => MakeDirectoryAt(Number(folder), name, (int)mode) == 0;

    /// <summary>Creates a symbolic link in an open directory. False if it fails.</summary>
    public static bool MakeLink(byte[] target, SafeFileHandle folder, byte[] name) => SymbolicLinkAt(target, Number(folder), name) == 0;

    /// <summary>Returns the target of a link in an open directory; null if there is no such link.</summary>
    public static string? ReadLink(SafeFileHandle folder, byte[] name)
    {
        var target = new byte[4096];
        var length = ReadLinkAt(Number(folder), name, target, target.Length);
        return length < 0 ? null : Encoding.UTF8.GetString(target, 0, (int)length);
    }

    /// <summary>Renames an entry of an open directory; replaces an existing file or empty directory. False if it fails.</summary>
    public static bool Rename(SafeFileHandle folder, byte[] name, SafeFileHandle toFolder, byte[] toName) => RenameAt(Number(folder), name, Number(toFolder), toName) == 0;

    /// <summary>Deletes a file, a link or an empty directory in an open directory. False if it fails.</summary>
    public static bool Remove(SafeFileHandle folder, byte[] name, bool isFolder) => UnlinkAt(Number(folder), name, isFolder ? RemoveDirectory : 0) == 0;

    /// <summary>Returns the next names in an open directory as null-terminated bytes; none at the end.</summary>
    public static IReadOnlyList<byte[]> ReadNames(SafeFileHandle folder)
    {
        // "." and ".." are skipped, so the first chunk can be empty although it is not the end.
        var buffer = new byte[NamesSize];
        var names = new List<byte[]>();
        for (long length; names.Count == 0 && (length = GetDirectoryEntries(Number(folder), buffer, buffer.Length)) > 0;)
        {
            for (var at = 0; at < length; at += BitConverter.ToUInt16(buffer, at + NameLengthAt))
            {
                var name = buffer.AsSpan(at + NameAt);
                name = name[..(name.IndexOf((byte)0) + 1)];
                if (!name.SequenceEqual(".\0"u8) && !name.SequenceEqual("..\0"u8))
                {
                    names.Add(name.ToArray());
                }
            }
        }

        return names;
    }

    /// <summary>Returns what is known of an entry of an open directory, without following a link; null if there is none.</summary>
    public static FileFacts? FactsOf(SafeFileHandle folder, byte[] name) => Facts(Number(folder), name, AtNoFollow | AtNoAutomount);

    /// <summary>Returns what is known of an open file.</summary>
    public static FileFacts? FactsOf(SafeFileHandle file) => Facts(Number(file), [0], AtEmptyPath);

    /// <summary>Returns how much room a file system has; null if it cannot be asked.</summary>
    /// <param name="path">A path on it.</param>
    public static FileSystemFacts? FileSystemOf(string path)
    {
        // All fields have 64 bits: block size, fragment size, blocks, free, available to users, inodes, free ones.
        var fields = new ulong[StatVfsFields];
        return StatVfs(path, fields) != 0 ? null : new FileSystemFacts((long)(fields[2] * fields[1]), (long)(fields[4] * fields[1]), (long)fields[5], (long)fields[6]);
    }

    /// <summary>Waits until the kernel has something urgent to say about an open file.</summary>
    /// <returns>Whether it has; false if the time is over, null if it never will.</returns>
    public static bool? WaitForPriority(SafeFileHandle file, int milliseconds)
    {
        // struct pollfd: the file, what is waited for, what is there.
        const short priority = 2;
        const short error = 8;
        var descriptor = new PollDescriptor { File = Number(file), Wanted = priority };
        return Poll(ref descriptor, 1, milliseconds) switch
        {
            > 0 when (descriptor.There & error) != 0 => null,
            > 0 => true,
            0 => false,
            _ => Marshal.GetLastPInvokeError() == Eintr ? false : null,
        };
    }

    /// <summary>Returns a path to an open file that stays valid if the file is moved.</summary>
    public static string Name(SafeFileHandle handle) => $"/proc/self/fd/{handle.DangerousGetHandle()}";

    /// <summary>Bind-mounts a file or directory.</summary>
    /// <returns>Whether the kernel did.</returns>
    public static bool TryBind(string source, string target) => Mount(source, target, null, MsBind, null) == 0;

    /// <summary>Mounts a tmpfs on a directory.</summary>
    /// <returns>Whether the kernel did.</returns>
    public static bool TryTmpfs(string folder, string options) => Mount("tmpfs", folder, "tmpfs", 0, options) == 0;

    // -1 leaves it as it is.
    private static uint Id(long? id) => id is { } number ? (uint)number : uint.MaxValue;

    private static int Number(SafeFileHandle? folder) => folder is null ? AtCwd : (int)folder.DangerousGetHandle();

    private static SafeFileHandle? Held(int fd) => fd < 0 ? null : new SafeFileHandle(fd, ownsHandle: true);

    /// <summary>Whether two paths lead to the same file, following links.</summary>
    public static bool IsSameFile(string one, string other) => Facts(AtCwd, Path(one), 0) is { } first && Facts(AtCwd, Path(other), 0) is { } second && (first.Inode, first.Device) == (second.Inode, second.Device);

    private static byte[] Path(string path) => Encoding.UTF8.GetBytes(path + '\0');

    private static FileKind Kind(int folder, string path, int flags)
    {
        var facts = new byte[StatxSize];
        return Statx(folder, path, flags, StatxType, facts) == 0 ? (FileKind)(BitConverter.ToUInt16(facts, StatxModeAt) & TypeBits) : FileKind.None;
    }

    private static FileFacts? Facts(int folder, byte[] name, int flags)
    {
        var facts = new byte[StatxSize];
        return Statx(folder, name, flags, StatxBasic, facts) != 0 ? null
            : new FileFacts((FileKind)(BitConverter.ToUInt16(facts, StatxModeAt) & TypeBits), BitConverter.ToInt64(facts, StatxBlocksAt) * StatxBlock, BitConverter.ToUInt64(facts, StatxInodeAt),
                BitConverter.ToUInt32(facts, StatxLinksAt), BitConverter.ToUInt64(facts, StatxDeviceAt));
    }

    [DllImport("libc", EntryPoint = "openat", SetLastError = true, CharSet = CharSet.Ansi, BestFitMapping = false, ThrowOnUnmappableChar = true)]
    private static extern int OpenAt(int folder, string path, int flags);

    [DllImport("libc", EntryPoint = "mkdirat", SetLastError = true, CharSet = CharSet.Ansi, BestFitMapping = false, ThrowOnUnmappableChar = true)]
    private static extern int MakeDirectoryAt(int folder, string path, int mode);

    [DllImport("libc", EntryPoint = "openat", SetLastError = true)]
    private static extern int OpenAt(int folder, byte[] path, int flags, int mode);

    [DllImport("libc", EntryPoint = "mkdirat", SetLastError = true)]
    private static extern int MakeDirectoryAt(int folder, byte[] path, int mode);

    [DllImport("libc", EntryPoint = "symlinkat", SetLastError = true)]
    private static extern int SymbolicLinkAt(byte[] target, int folder, byte[] path);

    [DllImport("libc", EntryPoint = "readlinkat", SetLastError = true)]
    private static extern nint ReadLinkAt(int folder, byte[] path, [Out] byte[] target, nint size);

    [DllImport("libc", EntryPoint = "renameat", SetLastError = true)]
    private static extern int RenameAt(int folder, byte[] path, int toFolder, byte[] toPath);

    [DllImport("libc", EntryPoint = "unlinkat", SetLastError = true)]
    private static extern int UnlinkAt(int folder, byte[] path, int flags);

    [DllImport("libc", EntryPoint = "getdents64", SetLastError = true)]
    private static extern nint GetDirectoryEntries(int folder, [Out] byte[] entries, nint size);

    [DllImport("libc", EntryPoint = "fchown", SetLastError = true)]
    private static extern int ChangeOwner(int file, uint user, uint group);

    [DllImport("libc", EntryPoint = "chown", SetLastError = true, CharSet = CharSet.Ansi, BestFitMapping = false, ThrowOnUnmappableChar = true)]
    private static extern int ChangeOwnerAt(string path, uint user, uint group);

    [DllImport("libc", EntryPoint = "statx", SetLastError = true, CharSet = CharSet.Ansi, BestFitMapping = false, ThrowOnUnmappableChar = true)]
    private static extern int Statx(int folder, string path, int flags, uint mask, [Out] byte[] facts);

    [DllImport("libc", EntryPoint = "statx", SetLastError = true)]
    private static extern int Statx(int folder, byte[] path, int flags, uint mask, [Out] byte[] facts);

    [DllImport("libc", EntryPoint = "statvfs", SetLastError = true, CharSet = CharSet.Ansi, BestFitMapping = false, ThrowOnUnmappableChar = true)]
    private static extern int StatVfs(string path, [Out] ulong[] fields);

    [DllImport("libc", EntryPoint = "poll", SetLastError = true)]
    private static extern int Poll(ref PollDescriptor descriptor, nuint count, int milliseconds);

    [DllImport("libc", EntryPoint = "mount", SetLastError = true, CharSet = CharSet.Ansi, BestFitMapping = false, ThrowOnUnmappableChar = true)]
    private static extern int Mount(string source, string target, string? type, ulong flags, string? data);

    [StructLayout(LayoutKind.Sequential)]
    private struct PollDescriptor
    {
        public int File;
        public short Wanted;
        public short There;
    }

    /// <summary>What is known of a file.</summary>
    /// <param name="Kind">Its type.</param>
    /// <param name="Bytes">What it takes on the disk.</param>
    /// <param name="Inode">Its number.</param>
    /// <param name="Links">How many names it has.</param>
    /// <param name="Device">The file system that it is on.</param>
    internal readonly record struct FileFacts(FileKind Kind, long Bytes, ulong Inode, uint Links, ulong Device);

    /// <summary>Room of a file system: bytes, bytes that are free for users, inodes and free inodes.</summary>
    internal readonly record struct FileSystemFacts(long Bytes, long FreeBytes, long Inodes, long FreeInodes);
}
