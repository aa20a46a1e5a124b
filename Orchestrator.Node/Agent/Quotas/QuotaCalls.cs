using System.ComponentModel;
using System.Runtime.InteropServices;
using System.Text;
using Microsoft.Win32.SafeHandles;
using Orchestrator.Node.Agent.Launch;

namespace Orchestrator.Node.Agent.Quotas;

/// <summary>System calls for projects and their quotas (<c>man 2 quotactl</c>, <c>man 2 ioctl_fs</c>). They are the same for ext4 and xfs.</summary>
internal static class QuotaCalls
{
    private const uint GetProject = 0x801C581F;
    private const uint SetProject = 0x401C5820;

    // struct fsxattr: flags, two fields for extents, the project.
    private const int FileAttributesSize = 28;
    private const int FileProjectAt = 12;
    private const uint Inherit = 0x200;

    // quotactl_fd, since Linux 5.14: of an open file and not of a device, which a container has not. It has this number on all architectures.
    private const int QuotaControl = 443;
    private const uint OfProjects = 2;
    private const uint GetQuota = (0x800007u << 8) | OfProjects;
    private const uint SetQuota = (0x800008u << 8) | OfProjects;
    private const uint GetState = (0x5805u << 8) | OfProjects;

    // struct if_dqblk: the limit in KiB comes first.
    private const int QuotaSize = 72;
    private const int QuotaFilesAt = 40;
    private const int QuotaValidAt = 64;
    private const uint BlockLimits = 1;
    private const int LimitUnit = 1024;

    // struct fs_quota_stat.
    private const int StateSize = 256;
    private const int StateFlagsAt = 2;
    private const int ProjectsEnforced = 1 << 5;
    private const int Enoent = 2;

    /// <summary>Opens a folder; null if it does not exist or is a link.</summary>
    public static SafeFileHandle? Open(string folder) => Linux.OpenFolder(null, Encoding.UTF8.GetBytes(folder + '\0'));

    /// <summary>Whether the file system of an open folder enforces limits of projects.</summary>
    public static bool AreEnforced(SafeFileHandle folder)
    {
        var state = new byte[StateSize];
        return Quota(QuotaControl, Number(folder), GetState, 0, state) == 0 && (BitConverter.ToUInt16(state, StateFlagsAt) & ProjectsEnforced) != 0;
    }

    /// <summary>The project of an open folder; null if it cannot be asked.</summary>
    public static uint? ProjectOf(SafeFileHandle folder)
    {
        var attributes = new byte[FileAttributesSize];
        return Control(Number(folder), GetProject, attributes) == 0 ? BitConverter.ToUInt32(attributes, FileProjectAt) : null;
    }

    /// <summary>Gives an open folder, and what is made in it later, to a project. False if it fails.</summary>
    public static bool Give(SafeFileHandle folder, uint project)
    {
        var attributes = new byte[FileAttributesSize];
        if (Control(Number(folder), GetProject, attributes) != 0)
        {
            return false;
        }

        BitConverter.TryWriteBytes(attributes, BitConverter.ToUInt32(attributes) | Inherit);
        BitConverter.TryWriteBytes(attributes.AsSpan(FileProjectAt), project);
        return Control(Number(folder), SetProject, attributes) == 0;
    }

    /// <summary>How many files and folders a project has; null if it cannot be asked.</summary>
    public static long? FilesOf(SafeFileHandle folder, uint project)
    {
        var quota = new byte[QuotaSize];
        return Quota(QuotaControl, Number(folder), GetQuota, project, quota) == 0 ? BitConverter.ToInt64(quota, QuotaFilesAt)
            : Marshal.GetLastPInvokeError() == Enoent ? 0 // xfs knows nothing of a project that never had a file.
            : null;
    }

    /// <summary>Sets how many bytes a project may take; 0 for any number. False if it fails.</summary>
    public static bool Limit(SafeFileHandle folder, uint project, long bytes)
    {
        var quota = new byte[QuotaSize];
        BitConverter.TryWriteBytes(quota, (bytes / LimitUnit) + (bytes % LimitUnit > 0 ? 1 : 0));
        BitConverter.TryWriteBytes(quota.AsSpan(QuotaValidAt), BlockLimits);
        return Quota(QuotaControl, Number(folder), SetQuota, project, quota) == 0;
    }

    /// <summary>The error of the last call.</summary>
    public static IOException Failed(string folder)
    {
        var cause = new Win32Exception();
        return new IOException($"the size of {folder} cannot be bounded: {cause.Message}", cause);
    }

    private static int Number(SafeFileHandle folder) => (int)folder.DangerousGetHandle();

    [DllImport("libc", EntryPoint = "ioctl", SetLastError = true)]
    private static extern int Control(int file, nuint request, [In, Out] byte[] argument);

    [DllImport("libc", EntryPoint = "syscall", SetLastError = true)]
    private static extern nint Quota(nint number, nint file, nuint command, nuint id, [In, Out] byte[] argument);
}
