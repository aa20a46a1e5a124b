using System.Net.Sockets;

namespace Orchestrator.Tests.Kit;

/// <summary>A proxy for the Unix socket of a server, in a folder of its own.</summary>
internal abstract class UnixProxy : IAsyncDisposable
{
    private readonly CancellationTokenSource _stop = new();
    private readonly Socket _listener = New();
    private readonly string _folder = Directory.CreateTempSubdirectory("proxy").FullName;
    private readonly string _behind;
    private readonly Task _loop;

    /// <param name="behind">Path of the server's socket.</param>
    protected UnixProxy(string behind)
    {
        _behind = behind;
        Path = System.IO.Path.Combine(_folder, "engine.sock");
        _listener.Bind(new UnixDomainSocketEndPoint(Path));
        _listener.Listen();
        _loop = AcceptAsync();
    }

    /// <summary>Path of the proxy's socket.</summary>
    public string Path { get; }

    /// <summary>Cancelled when the proxy ends.</summary>
    protected CancellationToken Stopping => _stop.Token;

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        _listener.Dispose();
        await _loop;
        _stop.Dispose();
        Directory.Delete(_folder, recursive: true);
    }

    /// <summary>Serves a client until one side ends.</summary>
    protected abstract Task ServeAsync(Socket client);

    /// <summary>A connection to the server, not opened yet.</summary>
    protected static Socket New() => new(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);

    /// <summary>Opens a connection to the server.</summary>
    protected ValueTask ConnectAsync(Socket server) => server.ConnectAsync(new UnixDomainSocketEndPoint(_behind), Stopping);

    // A listener that is closed while it accepts says so in one way or the other.
    private async Task AcceptAsync()
    {
        List<Task> served = [];
        try
        {
            while (true)
            {
                served.Add(ServeAsync(await _listener.AcceptAsync(_stop.Token)));
            }
        }
        catch (Exception e) when (e is OperationCanceledException or SocketException or ObjectDisposedException && _stop.IsCancellationRequested)
        {
            await Task.WhenAll(served);
        }
    }
}
