using System.Net.Sockets;
using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace Orchestrator.Node.Network;

/// <summary>Work in another network namespace. The thread that has entered one is no good for anything else, so it ends.</summary>
internal static class NamespaceThread
{
    private const int CloneNewNet = 0x40000000;

    /// <summary>Runs something in a namespace.</summary>
    /// <exception cref="SocketException">The namespace cannot be entered.</exception>
    public static Task<T> RunAsync<T>(SafeFileHandle handle, Func<T> work)
    {
        var done = new TaskCompletionSource<T>(TaskCreationOptions.RunContinuationsAsynchronously);
        var isHeld = false;
        handle.DangerousAddRef(ref isHeld);
        var thread = new Thread(() =>
        {
            try
            {
                if (SetNs(handle.DangerousGetHandle().ToInt32(), CloneNewNet) != 0)
                {
                    throw new SocketException(Marshal.GetLastPInvokeError());
                }

                done.SetResult(work());
            }
            catch (Exception e)
            {
                // Whoever waits is told.
                done.SetException(e);
            }
            finally
            {
                handle.DangerousRelease();
            }
        })
        { IsBackground = true, Name = "pod network" };
        thread.Start();
        return done.Task;
    }

    [DllImport("libc", EntryPoint = "setns", SetLastError = true)]
    private static extern int SetNs(int descriptor, int kind);
}
