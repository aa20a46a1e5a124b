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
        if (!Helpers.Any(File.Exists))
        {
            throw new VolumeException($"{nfs.Server}:{nfs.Path} cannot be mounted: this node has no mount.nfs. Install nfs-common (Debian, Ubuntu) or nfs-utils (Fedora, RHEL, SUSE, Alpine) on it");
        }

        Directory.CreateDirectory(target);
        if (Mounts.Under(target).Count > 0)
        {
            return target;
        }

        IEnumerable<string> all = nfs.ReadOnlyProperty == true ? options.Prepend("ro") : options;
        string[] arguments = ["-t", "nfs", .. all.Any() ? (string[])["-o", string.Join(',', all)] : [], $"{nfs.Server}:{nfs.Path}", target];
        using var mount = Process.Start(new ProcessStartInfo("mount", arguments) { RedirectStandardError = true, RedirectStandardOutput = true })
            ?? throw new VolumeException("mount cannot be run");
        var error = mount.StandardError.ReadToEndAsync();
        if (!mount.WaitForExit(Bound))
        {
            mount.Kill(entireProcessTree: true);
            throw new VolumeException($"{nfs.Server}:{nfs.Path} did not answer in {Bound.TotalSeconds:0} s");
        }

        return mount.ExitCode == 0 ? target : throw new VolumeException($"{nfs.Server}:{nfs.Path} cannot be mounted: {error.GetAwaiter().GetResult().Trim()}");
    }
}
