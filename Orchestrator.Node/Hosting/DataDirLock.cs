using System.Globalization;

namespace Orchestrator.Node.Hosting;

/// <summary>Locks a data directory for one process: locks <c>node.lock</c>, writes <c>node.pid</c>, and <c>ready</c> once the host is ready.</summary>
internal sealed class DataDirLock : IDisposable
{
    private readonly string _directory;
    private readonly FileStream _lock;

    private DataDirLock(string directory, FileStream held)
    {
        _directory = directory;
        _lock = held;
        File.Delete(Ready);
        File.WriteAllText(Pid, Environment.ProcessId.ToString(CultureInfo.InvariantCulture) + "\n");
    }

    private string Pid => Path.Combine(_directory, "node.pid");

    private string Ready => Path.Combine(_directory, "ready");

    /// <summary>Locks the directory; null if another process holds the lock.</summary>
    public static DataDirLock? TryAcquire(string directory)
    {
        try
        {
            return new DataDirLock(directory, new FileStream(Path.Combine(directory, "node.lock"), FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None));
        }
        catch (IOException) when (File.Exists(Path.Combine(directory, "node.lock")))
        {
            return null;
        }
    }

    /// <summary>Writes the file that marks the host as ready.</summary>
    public Task MarkReadyAsync(string what) => File.WriteAllTextAsync(Ready, what + "\n");

    public void Dispose()
    {
        File.Delete(Ready);
        File.Delete(Pid);
        _lock.Dispose();
    }
}
