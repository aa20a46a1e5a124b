using System.Globalization;

namespace Orchestrator.Node.Hosting;

/// <summary>A host's exclusive use of its data directory: <c>node.lock</c> held, <c>node.pid</c> written, <c>ready</c> while it is ready.</summary>
internal sealed class DataDirClaim : IDisposable
{
    private readonly string _directory;
    private readonly FileStream _lock;

    private DataDirClaim(string directory, FileStream held)
    {
        _directory = directory;
        _lock = held;
        File.Delete(Ready);
        File.WriteAllText(Pid, Environment.ProcessId.ToString(CultureInfo.InvariantCulture) + "\n");
    }

    private string Pid => Path.Combine(_directory, "node.pid");

    private string Ready => Path.Combine(_directory, "ready");

    /// <summary>Claims the directory; null when another process has it.</summary>
    public static DataDirClaim? TryTake(string directory)
    {
        try
        {
            return new DataDirClaim(directory, new FileStream(Path.Combine(directory, "node.lock"), FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None));
        }
        catch (IOException) when (File.Exists(Path.Combine(directory, "node.lock")))
        {
            return null;
        }
    }

    /// <summary>Says that the host is ready.</summary>
    public Task MarkReadyAsync(string what) => File.WriteAllTextAsync(Ready, what + "\n");

    public void Dispose()
    {
        File.Delete(Ready);
        File.Delete(Pid);
        _lock.Dispose();
    }
}
