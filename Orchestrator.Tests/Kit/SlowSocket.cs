using System.Net.Sockets;

namespace Orchestrator.Tests.Kit;

/// <summary>A proxy for a Unix socket that can delay responses.</summary>
/// <param name="behind">Path of the upstream socket.</param>
internal sealed class SlowSocket(string behind) : UnixProxy(behind)
{
    private long _delay;

    /// <summary>Delay of every chunk of a response.</summary>
    public TimeSpan Delay
    {
        get => TimeSpan.FromTicks(Interlocked.Read(ref _delay));
        set => Interlocked.Exchange(ref _delay, value.Ticks);
    }

    protected override async Task ServeAsync(Socket client)
    {
        using var _ = client;
        using var engine = New();
        try
        {
            await ConnectAsync(engine);
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
        while (await from.ReceiveAsync(buffer, Stopping) is > 0 and var count)
        {
            if (isAnswer && Delay > TimeSpan.Zero)
            {
                await Task.Delay(Delay, Stopping);
            }

            await to.SendAsync(buffer.AsMemory(0, count), Stopping);
        }
    }
}
