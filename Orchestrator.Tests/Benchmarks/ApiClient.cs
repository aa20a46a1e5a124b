using System.Net;
using System.Net.Http.Headers;
using System.Security.Cryptography.X509Certificates;
using System.Text.Json.Nodes;

namespace Orchestrator.Benchmarks;

/// <summary>The admin's connection to a host: the cluster's CA, the bearer token, connections kept.</summary>
internal sealed class ApiClient : IDisposable
{
    private readonly HttpClient _http;
    private readonly X509Certificate2 _authority;

    public ApiClient(IPEndPoint address, string dataDir)
    {
        _authority = X509CertificateLoader.LoadCertificateFromFile(Path.Combine(dataDir, "pki", "ca.crt"));
        var handler = new SocketsHttpHandler { MaxConnectionsPerServer = 4096, AutomaticDecompression = DecompressionMethods.None };
        handler.SslOptions.CertificateChainPolicy = new X509ChainPolicy
        {
            TrustMode = X509ChainTrustMode.CustomRootTrust,
            CustomTrustStore = { _authority },
            RevocationMode = X509RevocationMode.NoCheck,
        };
        _http = new HttpClient(handler) { BaseAddress = new Uri($"https://{address}"), Timeout = TimeSpan.FromMinutes(5) };
        var token = File.ReadAllText(Path.Combine(dataDir, "pki", "admin.token")).Trim();
        _http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", token);
    }

    public async Task<bool> IsReadyAsync(CancellationToken cancellation)
    {
        using var response = await _http.GetAsync("/readyz", cancellation);
        return response.IsSuccessStatusCode;
    }

    public Task PostAsync(string path, byte[] json, CancellationToken cancellation) => SendAsync(HttpMethod.Post, path, json, "application/json", cancellation);

    public Task PatchAsync(string path, JsonObject patch, CancellationToken cancellation) =>
        SendAsync(HttpMethod.Patch, path, System.Text.Encoding.UTF8.GetBytes(patch.ToJsonString()), "application/merge-patch+json", cancellation);

    public Task DeleteAsync(string path, CancellationToken cancellation) => SendAsync(HttpMethod.Delete, path, null, "", cancellation);

    public async Task<byte[]> GetAsync(string path, CancellationToken cancellation)
    {
        using var response = await _http.GetAsync(path, cancellation);
        var body = await response.Content.ReadAsByteArrayAsync(cancellation);
        return response.IsSuccessStatusCode ? body : throw Refused("GET", path, response, System.Text.Encoding.UTF8.GetString(body));
    }

    public async Task<JsonObject> GetJsonAsync(string path, CancellationToken cancellation) => (JsonObject)JsonNode.Parse(await GetAsync(path, cancellation))!;

    /// <summary>Opens a body of which nothing is read yet.</summary>
    public Task<Stream> OpenAsync(string path, CancellationToken cancellation) => _http.GetStreamAsync(path, cancellation);

    /// <summary>Reads a body to its end without keeping it.</summary>
    public async Task<long> DrainAsync(string path, byte[] buffer, CancellationToken cancellation)
    {
        using var response = await _http.GetAsync(path, HttpCompletionOption.ResponseHeadersRead, cancellation);
        response.EnsureSuccessStatusCode();
        using var body = await response.Content.ReadAsStreamAsync(cancellation);
        var total = 0L;
        for (int read; (read = await body.ReadAsync(buffer, cancellation)) > 0;)
        {
            total += read;
        }

        return total;
    }

    /// <summary>Opens a watch and hands each line over as it arrives, until cancelled.</summary>
    /// <param name="path">A collection with watch=true.</param>
    /// <param name="opened">Completes once the server has answered.</param>
    /// <param name="onLine">A line without its end; must not keep the memory.</param>
    /// <param name="cancellation">Ends the watch.</param>
    public async Task WatchAsync(string path, TaskCompletionSource opened, Action<ReadOnlyMemory<byte>> onLine, CancellationToken cancellation)
    {
        try
        {
            using var response = await _http.GetAsync(path, HttpCompletionOption.ResponseHeadersRead, cancellation);
            response.EnsureSuccessStatusCode();
            using var body = await response.Content.ReadAsStreamAsync(cancellation);
            opened.TrySetResult();
            var reader = System.IO.Pipelines.PipeReader.Create(body, new System.IO.Pipelines.StreamPipeReaderOptions(bufferSize: 256 * 1024));
            while (true)
            {
                var read = await reader.ReadAsync(cancellation);
                var rest = read.Buffer;
                while (System.Buffers.BuffersExtensions.PositionOf(rest, (byte)'\n') is { } end)
                {
                    var line = rest.Slice(0, end);
                    onLine(line.IsSingleSegment ? line.First : System.Buffers.BuffersExtensions.ToArray(line));
                    rest = rest.Slice(rest.GetPosition(1, end));
                }

                reader.AdvanceTo(rest.Start, rest.End);
                if (read.IsCompleted)
                {
                    throw new InvalidOperationException($"The watch {path} ended by itself.");
                }
            }
        }
        catch (OperationCanceledException) when (cancellation.IsCancellationRequested)
        {
            // The measurement is over.
        }
        catch (Exception e)
        {
            opened.TrySetException(e);
            throw;
        }
    }

    /// <summary>Runs a command in the only container of a pod and reads its output to the end.</summary>
    /// <returns>The number of bytes.</returns>
    public async Task<long> ExecAsync(string pod, IEnumerable<string> command, CancellationToken cancellation)
    {
        using var socket = new System.Net.WebSockets.ClientWebSocket();
        socket.Options.AddSubProtocol("v5.channel.k8s.io");
        socket.Options.SetRequestHeader("Authorization", _http.DefaultRequestHeaders.Authorization!.ToString());
        socket.Options.RemoteCertificateValidationCallback = (_, certificate, _, _) => certificate is not null; // The others check it; this is about bytes.
        var query = string.Join('&', command.Select(c => $"command={Uri.EscapeDataString(c)}"));
        await socket.ConnectAsync(new UriBuilder(new Uri(_http.BaseAddress!, $"{Samples.Pods}/{pod}/exec?stdout=true&{query}")) { Scheme = "wss" }.Uri, cancellation);
        var buffer = new byte[1 << 17];
        var (total, isStart, channel) = (0L, true, (byte)0);
        while (true)
        {
            var read = await socket.ReceiveAsync(buffer.AsMemory(), cancellation);
            if (read.MessageType == System.Net.WebSockets.WebSocketMessageType.Close)
            {
                return total;
            }

            (channel, var body) = isStart && read.Count > 0 ? (buffer[0], read.Count - 1) : (channel, read.Count);
            total += channel == 1 ? body : 0;
            isStart = read.EndOfMessage;
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _http.Dispose();
        _authority.Dispose();
    }

    private static HttpRequestException Refused(string method, string path, HttpResponseMessage response, string body) =>
        new($"{method} {path}: {(int)response.StatusCode} {body[..Math.Min(300, body.Length)]}", null, response.StatusCode);

    private async Task SendAsync(HttpMethod method, string path, byte[]? body, string type, CancellationToken cancellation)
    {
        using var request = new HttpRequestMessage(method, path);
        if (body is not null)
        {
            request.Content = new ByteArrayContent(body) { Headers = { ContentType = new MediaTypeHeaderValue(type) } };
        }

        using var response = await _http.SendAsync(request, cancellation);
        if (!response.IsSuccessStatusCode)
        {
            throw Refused(method.Method, path, response, await response.Content.ReadAsStringAsync(cancellation));
        }

        await response.Content.CopyToAsync(Stream.Null, cancellation);
    }
}
