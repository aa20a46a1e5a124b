using System.Diagnostics;
using k8s.Models;

namespace Orchestrator.Node.Agent.Launch;

/// <summary>Mounts NFS exports with the host's own helper (Kubernetes, "Volumes", nfs).</summary>
internal static class NfsMounts
{
    private static readonly TimeSpan Bound = TimeSpan.FromSeconds(60);
    private static readonly string[] Helpers = ["/sbin/mount.nfs", "/usr/sbin/mount.nfs"];

    /// <summary>Mounts an export, unless it is mounted. The mount outlives this process, like the containers that use it.</summary>
    /// <param name="nfs">The export.</param>
    /// <param name="options">More mount options.</param>
    /// <param name="target">Mount point; created if missing.</param>
    /// <exception cref="VolumeException">The helper is missing, or refuses.</exception>
    public static string Ensure(V1NFSVolumeSource nfs, IReadOnlyList<string> options, string target)
    {
        // Before anything else looks at the target: what is mounted there hangs while its server is away.
        if (Mounts.IsAt(target))
        {
            return target;
        }

        if (!Helpers.Any(File.Exists))
        {
            throw new VolumeException($"{nfs.Server}:{nfs.Path} cannot be mounted: this node has no mount.nfs. Install nfs-common (Debian, Ubuntu) or nfs-utils (Fedora, RHEL, SUSE, Alpine) on it");
        }

        Directory.CreateDirectory(target);
        using var mount = Process.Start(new ProcessStartInfo("mount", Arguments(nfs, options, target)) { RedirectStandardError = true, RedirectStandardOutput = true })
            ?? throw new VolumeException("mount cannot be run");
        var error = mount.StandardError.ReadToEndAsync();
        if (!mount.WaitForExit(Bound))
        {
            mount.Kill(entireProcessTree: true);
            throw new VolumeException($"{nfs.Server}:{nfs.Path} did not answer in {Bound.TotalSeconds:0} s");
        }

        return mount.ExitCode == 0 ? target : throw new VolumeException($"{nfs.Server}:{nfs.Path} cannot be mounted: {error.GetAwaiter().GetResult().Trim()}");
    }

    /// <summary>The arguments of mount.</summary>
    /// <exception cref="VolumeException">The helper, which gets the export without a mark of where options end, would take it for one.</exception>
    internal static string[] Arguments(V1NFSVolumeSource nfs, IReadOnlyList<string> options, string target)
    {
        if (nfs.Server.StartsWith('-'))
        {
            throw new VolumeException($"{nfs.Server}:{nfs.Path} cannot be mounted: a server is the name or the address of a host, which does not begin with \"-\"");
        }

        string[] all = [.. nfs.ReadOnlyProperty == true ? options.Prepend("ro") : options];
        return ["-t", "nfs", .. all.Length > 0 ? (string[])["-o", string.Join(',', all)] : [], "--", $"{nfs.Server}:{nfs.Path}", target];
    }
}
