using k8s.Models;
using static Orchestrator.Node.Agent.Launch.Linux;

namespace Orchestrator.Node.Agent.Launch;

/// <summary>Volumes that are a path of the host (Kubernetes, "hostPath volume types").</summary>
internal static class HostPaths
{
    /// <summary>Checks or creates the path according to its type.</summary>
    /// <exception cref="LaunchException">The path is of another type.</exception>
    public static string Ensure(V1HostPathVolumeSource host)
    {
        var kind = KindOf(host.Path);
        switch (host.Type)
        {
            case "DirectoryOrCreate" or null or "" when kind == FileKind.None:
                Directory.CreateDirectory(host.Path);
                return host.Path;
            case "FileOrCreate" when kind == FileKind.None:

                // Only creates a new file; a dangling link is not followed.
                new FileStream(host.Path, FileMode.CreateNew).Dispose();
                return host.Path;
        }

        (FileKind Kind, string Words)? wanted = host.Type switch
        {
            "Directory" or "DirectoryOrCreate" => (FileKind.Directory, "a directory"),
            "File" or "FileOrCreate" => (FileKind.File, "a file"),
            "Socket" => (FileKind.Socket, "a socket file"),
            "CharDevice" => (FileKind.CharDevice, "a character device"),
            "BlockDevice" => (FileKind.BlockDevice, "a block device"),
            _ => null,
        };
        return wanted is { } w && w.Kind != kind ? throw new LaunchException($"hostPath type check failed: {host.Path} is not {w.Words}") : host.Path;
    }
}
