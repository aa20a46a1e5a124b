using System.Text;

namespace Orchestrator.Node.Docker;

/// <summary>Termination message files of containers (Kubernetes, "Determine the Reason for Pod Failure").</summary>
internal sealed class TerminationFiles(string dataDir)
{
    private const int MaxBytes = 4096;

    /// <summary>Creates the empty file of an attempt.</summary>
    public string Create(string podUid, string container, int attempt)
    {
        var path = At(podUid, container, attempt);
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        if (!File.Exists(path))
        {
            // Writable for any user in the container.
            using var file = new FileStream(path, new FileStreamOptions { Mode = FileMode.OpenOrCreate, Access = FileAccess.Write });
            File.SetUnixFileMode(path, (UnixFileMode)0b110_110_110);
        }

        return path;
    }

    /// <summary>The message of an attempt; null if it is empty.</summary>
    public string? Read(string podUid, string container, int attempt)
    {
        var path = At(podUid, container, attempt);
        if (!File.Exists(path))
        {
            return null;
        }

        using var file = File.OpenRead(path);
        var buffer = new byte[MaxBytes];
        var read = file.ReadAtLeast(buffer, MaxBytes, throwOnEndOfStream: false);
        return read == 0 ? null : Encoding.UTF8.GetString(buffer, 0, read);
    }

    /// <summary>Removes the files of a pod.</summary>
    public void Remove(string podUid)
    {
        var folder = Path.Combine(dataDir, "pods", podUid, "termination");
        if (Directory.Exists(folder))
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    private string At(string podUid, string container, int attempt) => Path.Combine(dataDir, "pods", podUid, "termination", $"{container}-{attempt}");
}
