using System.Buffers.Binary;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Runtime.CompilerServices;
using System.Text.Json.Nodes;
using Orchestrator.Node.Agent;
using Orchestrator.Node.Agent.KeptLogs;

namespace Orchestrator.Node.Docker;

/// <summary>Reads event and log streams of the engine directly from its socket, because the client library does not say when its event
/// stream is open.</summary>
internal sealed class EngineStreams : IDisposable
{
    private const int LongestMessage = 1 << 20;
    private readonly HttpClient _http;
    private readonly ContainerOwner _owner;
    private readonly TimeProvider _time;

    public EngineStreams(Uri endpoint, ContainerOwner owner, TimeProvider time)
    {
        var isUnix = endpoint.Scheme == "unix";
        _owner = owner;
        _time = time;
        _http = new HttpClient(new SocketsHttpHandler
        {
            ConnectTimeout = EngineCalls.Usual,
            ConnectCallback = isUnix ? async (_, token) => new NetworkStream(await EngineConnection.ConnectAsync(endpoint, token).ConfigureAwait(false), ownsSocket: true) : null,
        })
        {
            BaseAddress = isUnix ? new Uri("http://docker/") : new UriBuilder(endpoint) { Scheme = "http" }.Uri,
            Timeout = Timeout.InfiniteTimeSpan,
        };
    }

    /// <summary>Starts, exits and removals of containers. The first item is <see cref="EngineEvent.Open"/>: the stream is open.</summary>
    public async IAsyncEnumerable<EngineEvent> EventsAsync([EnumeratorCancellation] CancellationToken cancellation)
    {
        var filters = new JsonObject
        {
            ["type"] = new JsonArray("container"),
            ["label"] = new JsonArray([.. _owner.Filters.Select(f => JsonValue.Create(f))]),
            ["event"] = new JsonArray("start", "die", "oom", "destroy"),
        };

        // The engine answers before it subscribes, so events of the last seconds are requested too.
        var since = _time.GetUtcNow().AddSeconds(-2).ToUnixTimeSeconds();
        var query = string.Create(CultureInfo.InvariantCulture, $"events?since={since}&filters={Uri.EscapeDataString(filters.ToJsonString())}");
        using var response = await GetAsync(query, cancellation).ConfigureAwait(false);
        using var reader = new StreamReader(await response.Content.ReadAsStreamAsync(cancellation).ConfigureAwait(false));
        yield return EngineEvent.Open;
        while (true)
        {
            string? line;
            try
            {
                line = await reader.ReadLineAsync(cancellation).ConfigureAwait(false);
            }
            catch (Exception e) when (EngineCalls.IsGone(e))
            {
                throw new RuntimeUnavailableException($"Docker does not answer: {EngineFault.Sentence(e)}", e);
            }

            if (line is null)
            {
                throw new RuntimeUnavailableException("Docker ended its event stream");
            }

            if (EngineEvent.Parse(line) is { } told)
            {
                yield return told;
            }
        }
    }

    /// <summary>The log of a container: stdout and stderr in the order of writing.</summary>
    public IAsyncEnumerable<ReadOnlyMemory<byte>> LogAsync(string id, bool isTty, LogOptions options, CancellationToken cancellation) =>
        options.Follow || options.HasTimestamps ? TimedAsync(id, isTty, options, cancellation) : PlainAsync(id, isTty, options, cancellation);

    private async IAsyncEnumerable<ReadOnlyMemory<byte>> PlainAsync(string id, bool isTty, LogOptions options, [EnumeratorCancellation] CancellationToken cancellation)
    {
        var query = Query(id, options);
        using var response = await GetAsync(query, cancellation).ConfigureAwait(false);
        var stream = await response.Content.ReadAsStreamAsync(cancellation).ConfigureAwait(false);
        var header = new byte[8];
        var left = options.LimitBytes ?? long.MaxValue;
        var buffer = new byte[16 * 1024];
        while (left > 0)
        {
            // Without a TTY each chunk has a header: stream, three zeros, length.
            var frame = (long)buffer.Length;
            if (!isTty)
            {
                if (await ReadAsync(stream, header, header.Length, cancellation).ConfigureAwait(false) < header.Length)
                {
                    yield break;
                }

                frame = BinaryPrimitives.ReadUInt32BigEndian(header.AsSpan(4));
            }

            while (frame > 0 && left > 0)
            {
                var read = await ReadAsync(stream, buffer.AsMemory(0, (int)Math.Min(frame, buffer.Length)), 1, cancellation).ConfigureAwait(false);
                if (read == 0)
                {
                    yield break;
                }

                frame = isTty ? frame : frame - read;
                var wanted = (int)Math.Min(left, read);
                left -= wanted;
                yield return buffer.AsMemory(0, wanted).ToArray();
            }
        }
    }

    /// <summary>All that a container has written, a message at a time, each with its time before it. A line may come in several messages.</summary>
    public async IAsyncEnumerable<ReadOnlyMemory<byte>> MessagesAsync(string id, bool isTty, [EnumeratorCancellation] CancellationToken cancellation)
    {
        await foreach (var (_, message) in PartsAsync(Query(id, new LogOptions(HasTimestamps: true)), isTty, cancellation).ConfigureAwait(false))
        {
            yield return message;
        }
    }

    // What is followed goes from one file of the engine to the next. While it catches up, the engine begins a file again that it has read, and it ends with the container though
    // there is more to read: what has come before is left out, and the rest is read once the container has ended.
    private async IAsyncEnumerable<ReadOnlyMemory<byte>> TimedAsync(string id, bool isTty, LogOptions options, [EnumeratorCancellation] CancellationToken cancellation)
    {
        var seen = new SeenMessages();
        var isInLine = new bool[byte.MaxValue + 1];
        var left = options.LimitBytes ?? long.MaxValue;
        foreach (var isRest in options.Follow ? (bool[])[false, true] : [false])
        {
            if (isRest && seen.Last is null)
            {
                yield break;
            }

            var query = Query(id, isRest ? new LogOptions(HasTimestamps: true, Since: seen.Last!.Value.AddSeconds(-1)) : options with { HasTimestamps = true });
            await foreach (var (stream, message) in PartsAsync(query, isTty, cancellation).ConfigureAwait(false))
            {
                var (time, text) = LogTimes.Split(message);
                if (options.Follow && time.Length > 0 && !seen.IsNew(stream, time.Span[..^1], isRest))
                {
                    continue;
                }

                var wanted = options.HasTimestamps && !isInLine[stream] ? message : text;
                wanted = wanted[..(int)Math.Min(left, wanted.Length)];
                isInLine[stream] = text.Length > 0 ? text.Span[^1] != (byte)'\n' : isInLine[stream];
                left -= wanted.Length;
                yield return wanted;
                if (left == 0)
                {
                    yield break;
                }
            }
        }
    }

    private async IAsyncEnumerable<(byte Stream, ReadOnlyMemory<byte> Message)> PartsAsync(string query, bool isTty, [EnumeratorCancellation] CancellationToken cancellation)
    {
        using var response = await GetAsync(query, cancellation).ConfigureAwait(false);
        var stream = await response.Content.ReadAsStreamAsync(cancellation).ConfigureAwait(false);
        var header = new byte[8];
        while (!isTty && await ReadAsync(stream, header, header.Length, cancellation).ConfigureAwait(false) == header.Length)
        {
            var message = new byte[Math.Min(BinaryPrimitives.ReadUInt32BigEndian(header.AsSpan(4)), LongestMessage)];
            if (await ReadAsync(stream, message, message.Length, cancellation).ConfigureAwait(false) < message.Length)
            {
                yield break;
            }

            yield return (header[0], message);
        }

        // With a TTY nothing says where a message ends but the line.
        var line = new MemoryStream();
        var buffer = new byte[16 * 1024];
        while (isTty && await ReadAsync(stream, buffer, 1, cancellation).ConfigureAwait(false) is > 0 and var read)
        {
            for (var rest = buffer.AsMemory(0, read); rest.Length > 0;)
            {
                var end = rest.Span.IndexOf((byte)'\n') is >= 0 and var at ? at + 1 : rest.Length;
                line.Write(rest[..end].Span);
                if (rest.Span[end - 1] == (byte)'\n' || line.Length > LongestMessage)
                {
                    yield return (0, line.ToArray());
                    line.SetLength(0);
                }

                rest = rest[end..];
            }
        }

        if (line.Length > 0)
        {
            yield return (0, line.ToArray());
        }
    }

    private static string Query(string id, LogOptions options)
    {
        var since = options.Since is { } at ? string.Create(CultureInfo.InvariantCulture, $"&since={at.ToUnixTimeSeconds()}.{at.Ticks % TimeSpan.TicksPerSecond * 100:D9}") : "";
        return string.Create(CultureInfo.InvariantCulture,
            $"containers/{id}/logs?stdout=1&stderr=1&follow={(options.Follow ? 1 : 0)}&timestamps={(options.HasTimestamps ? 1 : 0)}&tail={options.TailLines?.ToString(CultureInfo.InvariantCulture) ?? "all"}{since}");
    }

    public void Dispose() => _http.Dispose();

    private async Task<HttpResponseMessage> GetAsync(string query, CancellationToken cancellation)
    {
        var response = await EngineCalls.BoundAsync(token => _http.GetAsync(new Uri(query, UriKind.Relative), HttpCompletionOption.ResponseHeadersRead, token), cancellation)
            .ConfigureAwait(false);
        if (response.IsSuccessStatusCode)
        {
            return response;
        }

        using (response)
        {
            if (response.StatusCode == HttpStatusCode.NotFound)
            {
                throw new KeyNotFoundException("the container is gone");
            }

            throw new RuntimeUnavailableException(string.Create(CultureInfo.InvariantCulture, $"Docker answers {(int)response.StatusCode} to {query.Split('?')[0]}"));
        }
    }

    private static async Task<int> ReadAsync(Stream stream, Memory<byte> buffer, int atLeast, CancellationToken cancellation)
    {
        try
        {
            return await stream.ReadAtLeastAsync(buffer, atLeast, throwOnEndOfStream: false, cancellation).ConfigureAwait(false);
        }
        catch (Exception e) when (EngineCalls.IsGone(e))
        {
            throw new RuntimeUnavailableException($"Docker ended the stream: {e.Message}", e);
        }
    }
}
