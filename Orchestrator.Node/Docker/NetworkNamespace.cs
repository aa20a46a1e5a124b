using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace Orchestrator.Node.Docker;

/// <summary>The network namespace of a container, entered to connect as a process in it would: what listens at <c>localhost</c> only is reached too.</summary>
internal sealed class NetworkNamespace : IDisposable
{
    private const int CloneNewNet = 0x40000000;
    private readonly SafeFileHandle _handle;

    private NetworkNamespace(SafeFileHandle handle) => _handle = handle;

    /// <summary>Opens the namespace of a process if it belongs to that container; null if it does not, because the engine runs on another host.</summary>
    public static NetworkNamespace? Open(int pid, string container)
    {
        try
        {
            var handle = File.OpenHandle(string.Create(CultureInfo.InvariantCulture, $"/proc/{pid}/ns/net"));

            // Looked at after the namespace is open: a process of the same number that came later has another one.
            if (File.ReadAllText(string.Create(CultureInfo.InvariantCulture, $"/proc/{pid}/cgroup")).Contains(container, StringComparison.Ordinal))
            {
                return new NetworkNamespace(handle);
            }

            handle.Dispose();
            return null;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }

    /// <summary>Connects to a port of localhost.</summary>
    /// <exception cref="SocketException">Nothing listens.</exception>
    public Task<Socket> ConnectAsync(int port)
    {
        // A thread that has entered another namespace is no good for anything else, so it ends.
        var done = new TaskCompletionSource<Socket>(TaskCreationOptions.RunContinuationsAsynchronously);
        var isHeld = false;
        _handle.DangerousAddRef(ref isHeld);
        var thread = new Thread(() =>
        {
            try
            {
                if (SetNs(_handle.DangerousGetHandle().ToInt32(), CloneNewNet) != 0)
                {
                    throw new SocketException(Marshal.GetLastPInvokeError());
                }

                done.SetResult(Connect(port));
            }
            catch (SocketException e)
            {
                done.SetException(e);
            }
            finally
            {
                _handle.DangerousRelease();
            }
        })
        { IsBackground = true, Name = "pod network" };
        thread.Start();
        return done.Task;
    }

    public void Dispose() => _handle.Dispose();

    // IPv4 first, as the kubelet does; what it says is what the client is told.
    private static Socket Connect(int port)
    {
        var (socket, fault) = Try(IPAddress.Loopback, port);
        return socket ?? Try(IPAddress.IPv6Loopback, port).Socket ?? throw fault!;
    }

    private static (Socket? Socket, SocketException? Fault) Try(IPAddress address, int port)
    {
        Socket? socket = null;
        try
        {
            socket = new Socket(address.AddressFamily, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
            socket.Connect(address, port);
            return (socket, null);
        }
        catch (SocketException e)
        {
            socket?.Dispose();
            return (null, e);
        }
    }

    [DllImport("libc", EntryPoint = "setns", SetLastError = true)]
    private static extern int SetNs(int descriptor, int kind);
}
