using System.ComponentModel;
using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace Orchestrator.Node.Agent.Launch;

/// <summary>The system calls that the framework has no word for.</summary>
internal static class Linux
{
    private const int OpenPath = 0x200000;
    private const int OpenCloseOnExec = 0x80000;
    private const int AtCwd = -100;
    private const int AtEmptyPath = 0x1000;
    private const int StatxSize = 256;
    private const int StatxModeAt = 28;
    private const uint StatxType = 1;
    private const int Enoent = 2;
    private const int Eexist = 17;
    private const ulong MsBind = 4096;

    /// <summary>What a path is.</summary>
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

    /// <summary>Why the last call failed.</summary>
    public static string LastError => Marshal.GetLastPInvokeErrorMessage();

    /// <summary>What lies at a path, links followed; nothing: <see cref="FileKind.None"/>.</summary>
    public static FileKind KindOf(string path) => Kind(AtCwd, path, 0);

    /// <summary>What an open path is.</summary>
    public static FileKind KindOf(SafeFileHandle handle) => Kind((int)handle.DangerousGetHandle(), "", AtEmptyPath);

    /// <summary>Holds a path, without reading it; its last part is not followed if it is a link. Null: there is nothing.</summary>
    /// <exception cref="Win32Exception">Something else hinders.</exception>
    public static SafeFileHandle? Open(SafeFileHandle? folder, string name)
    {
        const int noFollow = 0x20000;
        var directory = folder is null ? AtCwd : (int)folder.DangerousGetHandle();
        var fd = OpenAt(directory, name, OpenPath | OpenCloseOnExec | (folder is null ? 0 : noFollow));
        return fd >= 0 ? new SafeFileHandle(fd, ownsHandle: true)
            : Marshal.GetLastPInvokeError() == Enoent ? null
            : throw new Win32Exception();
    }

    /// <summary>Makes a folder in an open one; one that is there already will do.</summary>
    public static void MakeFolder(SafeFileHandle folder, string name)
    {
        const int mode = 0b111_101_101;
        if (MakeDirectoryAt((int)folder.DangerousGetHandle(), name, mode) != 0 && Marshal.GetLastPInvokeError() != Eexist)
        {
            throw new Win32Exception();
        }
    }

    /// <summary>The name under which this process reaches what it holds, whatever its path has become.</summary>
    public static string Name(SafeFileHandle handle) => $"/proc/self/fd/{handle.DangerousGetHandle()}";

    /// <summary>Shows a file or folder at another place.</summary>
    /// <returns>Whether the kernel did.</returns>
    public static bool TryBind(string source, string target) => Mount(source, target, null, MsBind, null) == 0;

    /// <summary>Mounts memory on a folder.</summary>
    /// <returns>Whether the kernel did.</returns>
    public static bool TryTmpfs(string folder, string options) => Mount("tmpfs", folder, "tmpfs", 0, options) == 0;

    private static FileKind Kind(int folder, string path, int flags)
    {
        const int typeBits = 0xF000;
        var facts = new byte[StatxSize];
        return Statx(folder, path, flags, StatxType, facts) == 0 ? (FileKind)(BitConverter.ToUInt16(facts, StatxModeAt) & typeBits) : FileKind.None;
    }

    [DllImport("libc", EntryPoint = "openat", SetLastError = true, CharSet = CharSet.Ansi, BestFitMapping = false, ThrowOnUnmappableChar = true)]
    private static extern int OpenAt(int folder, string path, int flags);

    [DllImport("libc", EntryPoint = "mkdirat", SetLastError = true, CharSet = CharSet.Ansi, BestFitMapping = false, ThrowOnUnmappableChar = true)]
    private static extern int MakeDirectoryAt(int folder, string path, int mode);

    [DllImport("libc", EntryPoint = "statx", SetLastError = true, CharSet = CharSet.Ansi, BestFitMapping = false, ThrowOnUnmappableChar = true)]
    private static extern int Statx(int folder, string path, int flags, uint mask, [Out] byte[] facts);

    [DllImport("libc", EntryPoint = "mount", SetLastError = true, CharSet = CharSet.Ansi, BestFitMapping = false, ThrowOnUnmappableChar = true)]
    private static extern int Mount(string source, string target, string? type, ulong flags, string? data);
}
