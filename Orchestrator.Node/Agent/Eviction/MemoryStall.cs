using System.Text;
using Microsoft.Win32.SafeHandles;
using Orchestrator.Node.Agent.Launch;

namespace Orchestrator.Node.Agent.Eviction;

/// <summary>Has the kernel say when processes of the host wait for memory: pressure stall information (Linux, "PSI", monitoring for pressure thresholds). A look that comes at the next period may come too late
/// then. One thread waits in a system call; nothing is polled. Without the file, or the right to set a trigger, nothing is said, and the looks of every period remain.</summary>
internal sealed class MemoryStall : IDisposable
{
    // Some process has waited for 300 ms of two seconds. The kernel says it once in that time at most; shorter times need a privilege.
    private const string Trigger = "some 300000 2000000\0";

    // How long the thread may take to notice that it is to end.
    private const int PatienceMilliseconds = 2000;
    private readonly SafeFileHandle _file;
    private readonly Action _onStall;
    private volatile bool _isStopped;

    private MemoryStall(SafeFileHandle file, Action onStall)
    {
        (_file, _onStall) = (file, onStall);
        new Thread(Wait) { IsBackground = true, Name = "memory stall" }.Start();
    }

    /// <summary>Begins to wait.</summary>
    /// <param name="path">The kernel's file.</param>
    /// <param name="onStall">Called on a thread of its own.</param>
    /// <returns>Null if the kernel says nothing here.</returns>
    public static MemoryStall? Watch(string path, Action onStall)
    {
        try
        {
            var file = File.OpenHandle(path, FileMode.Open, FileAccess.ReadWrite, FileShare.ReadWrite);
            RandomAccess.Write(file, Encoding.ASCII.GetBytes(Trigger), 0);
            return new MemoryStall(file, onStall);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _isStopped = true;

    private void Wait()
    {
        using (_file)
        {
            while (!_isStopped)
            {
                switch (Linux.WaitForPriority(_file, PatienceMilliseconds))
                {
                    case true when !_isStopped:
                        _onStall();
                        break;
                    case null:
                        return; // The file is gone.
                }
            }
        }
    }
}
