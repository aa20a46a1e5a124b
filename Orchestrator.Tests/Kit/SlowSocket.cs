using System.Net.Sockets;

namespace Orchestrator.Tests.Kit;

/// <summary>A proxy for a Unix socket that can delay responses.</summary>
internal sealed class SlowSocket : IAsyncDisposable
{
    private readonly CancellationTokenSource _stop = new();
    private readonly Socket _listener = new(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
    private readonly string _folder = Directory.CreateTempSubdirectory("slow").FullName;
    private readonly string _behind;
    private readonly Task _loop;
    private long _delay;

    /// <param name="behind">Path of the upstream socket.</param>
    public SlowSocket(string behind)
    {
        _behind = behind;
        Path = System.IO.Path.Combine(_folder, "engine.sock");
        _listener.Bind(new UnixDomainSocketEndPoint(Path));
        _listener.Listen();
        _loop = AcceptAsync();
    }

    public string Path { get; }

    /// <summary>Delay of every chunk of a response.</summary>
    public TimeSpan Delay
    {
        get => TimeSpan.FromTicks(Interlocked.Read(ref _delay));
        set => Interlocked.Exchange(ref _delay, value.Ticks);
    }

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        _listener.Dispose();
        await _loop;
        _stop.Dispose();
        Directory.Delete(_folder, recursive: true);
    }

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
        catch (OperationCanceledException)
        {
            await Task.WhenAll(served);
        }
    }

    private async Task ServeAsync(Socket client)
    {
        using var _ = client;
        using var engine = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        try
        {
            await engine.ConnectAsync(new UnixDomainSocketEndPoint(_behind), _stop.Token);
            await Task.WhenAny(PassAsync(client, engine, isAnswer: false), PassAsync(engine, client, isAnswer: true));
        }
        catch (Exception e) when (e is SocketException or OperationCanceledException)
        {
            // Both ends are closed below.
        }
    }

    private async Task PassAsync(Socket from, Socket to, bool isAnswer)
    {
        var buffer = new byte[64 * 1024];
        while (await from.ReceiveAsync(buffer, _stop.Token) is > 0 and var count)
        {
            if (isAnswer && Delay > TimeSpan.Zero)
            {
                await Task.Delay(Delay, _stop.Token);
            }

            await to.SendAsync(buffer.AsMemory(0, count), _stop.Token);
        }
    }
}
