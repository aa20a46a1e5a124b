using System.Globalization;
using System.Net.Sockets;
using System.Text;
using System.Text.Json.Nodes;
using Orchestrator.Node.Agent;

namespace Orchestrator.Node.Docker;

/// <summary>A connection that the engine hands over: after the answer to a request both sides write as they like (Docker Engine API, "Attach to a container",
/// "Hijacking").</summary>
/// <remarks>The client library does not close one direction alone on a Unix socket, so a command would never see the end of its input.</remarks>
internal sealed class EngineConnection : IDisposable
{
    private const int MaxHead = 16 * 1024;
    private readonly Socket _socket;
    private readonly NetworkStream _stream;

    private EngineConnection(Socket socket) => (_socket, _stream) = (socket, new NetworkStream(socket, ownsSocket: true));

    /// <summary>Sends a request and takes the connection over.</summary>
    /// <param name="endpoint">The engine.</param>
    /// <param name="path">Path and query of a POST.</param>
    /// <param name="body">Its body; null for none.</param>
    /// <param name="cancellation">Cancels the call; the connection lives on.</param>
    /// <exception cref="ContainerRefusedException">The engine refuses.</exception>
    public static async Task<EngineConnection> OpenAsync(Uri endpoint, string path, JsonObject? body, CancellationToken cancellation)
    {
        EngineConnection? connection = null;
        try
        {
            connection = new EngineConnection(await ConnectAsync(endpoint, cancellation).ConfigureAwait(false));
            var json = body?.ToJsonString() ?? "";
            var request = string.Create(CultureInfo.InvariantCulture,
                $"POST {path} HTTP/1.1\r\nHost: docker\r\nContent-Type: application/json\r\nConnection: Upgrade\r\nUpgrade: tcp\r\nContent-Length: {Encoding.UTF8.GetByteCount(json)}\r\n\r\n{json}");
            await connection._stream.WriteAsync(Encoding.UTF8.GetBytes(request), cancellation).ConfigureAwait(false);
            await connection.AnsweredAsync(cancellation).ConfigureAwait(false);
            return connection;
        }
        catch (Exception e)
        {
            connection?.Dispose();
            throw EngineCalls.IsGone(e) ? new RuntimeUnavailableException($"Docker does not answer: {e.Message}", e) : e is OperationCanceledException ? new OperationCanceledException(cancellation) : e;
        }
    }

    /// <summary>Reads what comes next; 0 at the end.</summary>
    public ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellation) => _stream.ReadAsync(buffer, cancellation);

    /// <summary>Fills a buffer.</summary>
    /// <returns>The number of bytes; fewer only at the end.</returns>
    public ValueTask<int> FillAsync(Memory<byte> buffer, CancellationToken cancellation) => _stream.ReadAtLeastAsync(buffer, buffer.Length, throwOnEndOfStream: false, cancellation);

    /// <summary>Writes.</summary>
    public ValueTask WriteAsync(ReadOnlyMemory<byte> bytes, CancellationToken cancellation) => _stream.WriteAsync(bytes, cancellation);

    /// <summary>Says that nothing more is written; reading goes on.</summary>
    public void EndWriting()
    {
        if (_socket.Connected)
        {
            _socket.Shutdown(SocketShutdown.Send);
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _stream.Dispose();

    // Byte by byte to the end of the head: what follows it is not ours to read here.
    private async Task AnsweredAsync(CancellationToken cancellation)
    {
        var head = new StringBuilder();
        var one = new byte[1];
        while (head.Length < MaxHead && !head.ToString(Math.Max(0, head.Length - 4), Math.Min(4, head.Length)).Equals("\r\n\r\n", StringComparison.Ordinal))
        {
            if (await _stream.ReadAsync(one, cancellation).ConfigureAwait(false) == 0)
            {
                break;
            }

            head.Append((char)one[0]);
        }

        var code = head.ToString().Split(' ').ElementAtOrDefault(1);
        if (code is "101" or "200")
        {
            return;
        }

        var rest = new byte[MaxHead];
        var length = await _stream.ReadAsync(rest, cancellation).ConfigureAwait(false);
        throw new ContainerRefusedException("ExecError", Message(Encoding.UTF8.GetString(rest, 0, length)) ?? $"Docker answers {code ?? "nothing"}");
    }

    private static string? Message(string body)
    {
        try
        {
            return body.IndexOf('{', StringComparison.Ordinal) is >= 0 and var start ? (string?)JsonNode.Parse(body[start..(body.LastIndexOf('}') + 1)])?["message"] : null;
        }
        catch (Exception e) when (e is System.Text.Json.JsonException or ArgumentException or InvalidOperationException)
        {
            return null;
        }
    }

    /// <summary>Connects to the engine.</summary>
    /// <param name="endpoint">A Unix socket or a TCP address.</param>
    /// <param name="cancellation">Cancels the call.</param>
    internal static async Task<Socket> ConnectAsync(Uri endpoint, CancellationToken cancellation)
    {
        var isUnix = endpoint.Scheme == "unix";
        var socket = isUnix ? new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified) : new Socket(SocketType.Stream, ProtocolType.Tcp);
        try
        {
            await (isUnix ? socket.ConnectAsync(new UnixDomainSocketEndPoint(endpoint.LocalPath), cancellation)
                : socket.ConnectAsync(endpoint.Host, endpoint.Port, cancellation)).ConfigureAwait(false);
            return socket;
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }
}
