using System.Collections.Concurrent;
using System.Net.Sockets;
using System.Text;
using System.Text.RegularExpressions;

namespace Orchestrator.Tests.Kit;

/// <summary>What a <see cref="FaultySocket"/> does with a request.</summary>
internal enum SocketFault
{
    /// <summary>Passes it on, and its answer back.</summary>
    None,

    /// <summary>Closes the connection; the request never arrives.</summary>
    Cut,

    /// <summary>Passes it on and closes the connection once there is an answer: it has been done, and nobody is told.</summary>
    LoseAnswer,

    /// <summary>Closes the connection in the middle of the answer.</summary>
    HalfAnswer,

    /// <summary>Passes it on and keeps the answer back for ever.</summary>
    HoldAnswer,

    /// <summary>Answers 500; the request never arrives.</summary>
    Fail,

    /// <summary>Never answers; the request never arrives.</summary>
    Hang,
}

/// <summary>A proxy for the Unix socket of an HTTP server that does to chosen requests what a server that dies would do. Each connection carries one request.</summary>
/// <param name="behind">Path of the server's socket.</param>
internal sealed partial class FaultySocket(string behind) : UnixProxy(behind)
{
    private const string FailureBody = """{"message":"as foretold"}""";
    private static readonly byte[] Failure = Encoding.ASCII.GetBytes(
        $"HTTP/1.1 500 Internal Server Error\r\nContent-Type: application/json\r\nConnection: close\r\nContent-Length: {FailureBody.Length}\r\n\r\n{FailureBody}");
    private readonly ConcurrentQueue<string> _requests = new();
    private TaskCompletionSource _hung = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private int _seen;

    /// <summary>The request lines so far, in their order.</summary>
    public IReadOnlyList<string> Requests => [.. _requests];

    /// <summary>What is done with a request, by its number (0 for the first) and its first line.</summary>
    public Func<int, string, SocketFault> Fault { get; set; } = (_, _) => SocketFault.None;

    /// <summary>Completed when a request hangs, or its answer is held.</summary>
    public Task Hung => _hung.Task;

    /// <summary>Lets everything pass until the first request that begins so.</summary>
    /// <returns>Completed when that has met its fault.</returns>
    public Task Once(string start, SocketFault fault)
    {
        var (hung, left) = (new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously), 1);
        _hung = hung;
        Fault = (_, line) => line.StartsWith(start, StringComparison.Ordinal) && Interlocked.Exchange(ref left, 0) == 1 ? fault : SocketFault.None;
        return hung.Task;
    }

    protected override async Task ServeAsync(Socket client)
    {
        using var _ = client;
        using var server = New();
        try
        {
            var (head, rest) = await HeadAsync(client);
            var line = head.Split('\n')[0].TrimEnd();
            if (line.Length == 0)
            {
                return;
            }

            _requests.Enqueue(line);
            var fault = Fault(Interlocked.Increment(ref _seen) - 1, line);
            switch (fault)
            {
                case SocketFault.Cut:
                    return;
                case SocketFault.Fail:
                    // Read to its end: a client may only look at the answer once it has sent all.
                    await client.SendAsync(Failure, Stopping);
                    client.Shutdown(SocketShutdown.Send);
                    await DrainAsync(client);
                    return;
                case SocketFault.Hang:
                    _hung.TrySetResult();
                    await DrainAsync(client);
                    return;
            }

            await ConnectAsync(server);
            var isUpgrade = head.Contains("\r\nUpgrade:", StringComparison.OrdinalIgnoreCase);
            await server.SendAsync(Encoding.Latin1.GetBytes(isUpgrade ? head : WithoutKeeping(head)), Stopping);
            if (rest.Length > 0)
            {
                await server.SendAsync(rest, Stopping);
            }

            var sending = PassAsync(client, server);
            await (fault == SocketFault.None ? PassAsync(server, client) : AnswerAsync(server, client, fault));
            client.Shutdown(SocketShutdown.Both);
            await sending;
        }
        catch (Exception e) when (e is SocketException or OperationCanceledException)
        {
            // Both ends are closed below.
        }
    }

    private async Task AnswerAsync(Socket server, Socket client, SocketFault fault)
    {
        var buffer = new byte[64 * 1024];
        var read = await server.ReceiveAsync(buffer, Stopping);
        if (fault == SocketFault.HoldAnswer)
        {
            _hung.TrySetResult();
            await DrainAsync(client);
            return;
        }

        var head = Encoding.Latin1.GetString(buffer, 0, read).IndexOf("\r\n\r\n", StringComparison.Ordinal) + 4;
        if (fault == SocketFault.HalfAnswer && read > 0)
        {
            await client.SendAsync(buffer.AsMemory(0, head + ((read - head) / 2)), Stopping);
        }
    }

    private async Task<(string Head, byte[] Body)> HeadAsync(Socket client)
    {
        var all = new MemoryStream();
        var buffer = new byte[16 * 1024];
        while (await client.ReceiveAsync(buffer, Stopping) is > 0 and var count)
        {
            all.Write(buffer, 0, count);
            var text = Encoding.Latin1.GetString(all.GetBuffer(), 0, (int)all.Length);
            if (EndOfHead().Match(text) is { Success: true } end)
            {
                return (text[..(end.Index + end.Length)], all.ToArray()[(end.Index + end.Length)..]);
            }
        }

        return ("", []);
    }

    // One request per connection: the next one is another decision.
    private static string WithoutKeeping(string head) => string.Concat(head.Split('\n', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries)
        .Where(l => !l.StartsWith("Connection:", StringComparison.OrdinalIgnoreCase)).Append("Connection: close").Select(l => $"{l}\r\n")) + "\r\n";

    // Not every client ends its lines as it should.
    [GeneratedRegex("\\r?\\n\\r?\\n")]
    private static partial Regex EndOfHead();

    private async Task DrainAsync(Socket from)
    {
        var buffer = new byte[16 * 1024];
        while (await from.ReceiveAsync(buffer, Stopping) > 0)
        {
        }
    }

    private async Task PassAsync(Socket from, Socket to)
    {
        var buffer = new byte[64 * 1024];
        try
        {
            while (await from.ReceiveAsync(buffer, Stopping) is > 0 and var count)
            {
                await to.SendAsync(buffer.AsMemory(0, count), Stopping);
            }

            to.Shutdown(SocketShutdown.Send);
        }
        catch (Exception e) when (e is SocketException or OperationCanceledException)
        {
            // The other side is gone.
        }
    }
}
