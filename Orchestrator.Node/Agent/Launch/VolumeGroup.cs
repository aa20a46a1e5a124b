using Orchestrator.Actors.Kinds.Pods;

namespace Orchestrator.Node.Agent.Launch;

/// <summary>Gives what is in volumes to the group of the pod's volumes (<c>fsGroup</c>; Kubernetes, "Configure a Security Context"). Without the rights of root nothing is given away.</summary>
internal static class VolumeGroup
{
    private const int ReadableByGroup = 0b100_100_000;
    private const UnixFileMode ForGroup = UnixFileMode.GroupRead | UnixFileMode.GroupWrite;

    /// <summary>The group; null if there is none.</summary>
    public static long? Of(PodManifest pod) => Environment.IsPrivilegedProcess ? pod.Spec.SecurityContext?.FsGroup : null;

    /// <summary>The files of a read-only volume, which their group may read.</summary>
    public static IEnumerable<ConfigurationFile> Given(PodManifest pod, IReadOnlyList<ConfigurationFile> files) => Of(pod) is not { } group ? files
        : files.Select(f => f.Group is not null ? f : f with { Group = group, Mode = f.Mode | ReadableByGroup });

    /// <summary>Gives a folder to a group; what is made in it later is the group's too.</summary>
    /// <exception cref="LaunchException">The kernel refuses.</exception>
    public static void Give(string folder, long group, UnixFileMode mode)
    {
        using var handle = DirectoryHandle.Open(folder);
        if (!handle.Own(group, mode | UnixFileMode.SetGroup))
        {
            throw new LaunchException($"a volume cannot be given to group {group}: {Linux.LastError}");
        }
    }

    /// <summary>Gives all that is in a volume to a group, which may then read and write it (Kubernetes, "Configure a Security Context", fsGroup). Links are not followed.</summary>
    /// <param name="folder">The volume.</param>
    /// <param name="group">The group.</param>
    /// <param name="isOnMismatch">Whether nothing is done if the root of the volume is the group's already (<c>OnRootMismatch</c>).</param>
    /// <exception cref="LaunchException">The kernel refuses.</exception>
    public static void GiveAll(string folder, long group, bool isOnMismatch)
    {
        using var root = DirectoryHandle.Open(folder);
        if (isOnMismatch && root.IsOf(group))
        {
            return;
        }

        // The root last: until then it is a mismatch, and the next try begins anew.
        root.GiveEntries(group);
        Give(folder, group, File.GetUnixFileMode(folder) | ForGroup | UnixFileMode.GroupExecute);
    }
}
