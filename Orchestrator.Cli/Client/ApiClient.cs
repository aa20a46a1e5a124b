using System.Net.Http.Headers;
using System.Runtime.CompilerServices;
using System.Security.Authentication;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Orchestrator.Cli.Client;

/// <summary>One line of a watch.</summary>
internal sealed record WatchEvent(string Type, JsonObject Object);

/// <summary>Client of the Kubernetes API. Requests have a timeout; streams run until they are cancelled.</summary>
internal sealed class ApiClient : IDisposable
{
    public const string Json = "application/json";
    public const string Table = "application/json;as=Table;v=v1;g=meta.k8s.io,application/json";
    public const string MergePatch = "application/merge-patch+json";
    public const string StrategicMergePatch = "application/strategic-merge-patch+json";
    private static readonly TimeSpan Bound = TimeSpan.FromSeconds(60);
    private static readonly TimeSpan SaveBound = TimeSpan.FromMinutes(5);
    private readonly HttpClient _http;
    private readonly string _server;
    private readonly Action<string>? _warn;

    public ApiClient(Connection connection, HttpMessageHandler handler, Action<string>? warn = null)
    {
        _warn = warn;
        _server = connection.Server.ToString().TrimEnd('/');
        _http = new HttpClient(handler) { BaseAddress = connection.Server, Timeout = Timeout.InfiniteTimeSpan };
        _http.DefaultRequestHeaders.UserAgent.ParseAdd("orc/0.1");
        if (connection.Token is { } token)
        {
            _http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", token);
        }
    }

    public Task<JsonObject> GetAsync(string path, CancellationToken cancellation, string accept = Json) =>
        SendAsync(HttpMethod.Get, path, null, Json, accept, cancellation);

    /// <summary>Gets an object; null if it does not exist.</summary>
    public async Task<JsonObject?> FindAsync(string path, CancellationToken cancellation)
    {
        try
        {
            return await GetAsync(path, cancellation);
        }
        catch (ApiFailure e) when (e.Code == 404)
        {
            return null;
        }
    }

    public Task<JsonObject> PostAsync(string path, JsonNode body, CancellationToken cancellation) =>
        SendAsync(HttpMethod.Post, path, body, Json, Json, cancellation);

    public Task<JsonObject> PatchAsync(string path, JsonNode patch, CancellationToken cancellation, string type = MergePatch) =>
        SendAsync(HttpMethod.Patch, path, patch, type, Json, cancellation);

    public Task<JsonObject> DeleteAsync(string path, JsonNode options, CancellationToken cancellation) =>
        SendAsync(HttpMethod.Delete, path, options, Json, Json, cancellation);

    /// <summary>Gets a text and the status code, without an exception for error codes.</summary>
    public Task<(int Code, string Text)> TextAsync(string path, CancellationToken cancellation) => BoundAsync(HttpMethod.Get, path, async bound =>
    {
        using var response = await BeginAsync(HttpMethod.Get, path, null, Json, "*/*", bound);
        return ((int)response.StatusCode, await response.Content.ReadAsStringAsync(bound));
    }, cancellation);

    /// <summary>Copies a response of any length. The server may take long before it begins, and as long as bytes come.</summary>
    public async Task SaveAsync(string path, Stream output, Action<long> received, CancellationToken cancellation)
    {
        using var bound = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        bound.CancelAfter(SaveBound);
        try
        {
            using var response = await StartAsync(HttpMethod.Get, path, null, Json, "*/*", bound.Token);
            await using var content = await response.Content.ReadAsStreamAsync(bound.Token);
            var buffer = new byte[1 << 20];
            var total = 0L;
            for (int read; (read = await content.ReadAsync(buffer, bound.Token)) > 0;)
            {
                await output.WriteAsync(buffer.AsMemory(0, read), cancellation);
                received(total += read);
                bound.CancelAfter(SaveBound);
            }
        }
        catch (OperationCanceledException) when (!cancellation.IsCancellationRequested)
        {
            throw new CliException($"The server at {_server} sent nothing of {path} for {SaveBound.TotalMinutes:0} min: check whether it is overloaded, then try again.");
        }
        catch (Exception e) when (e is HttpRequestException or IOException)
        {
            throw Unreachable(e);
        }
    }

    /// <summary>Sends a body of any length. The server may take as long as it reads.</summary>
    public async Task<JsonObject> UploadAsync(string path, Stream body, string type, Action<long> sent, CancellationToken cancellation)
    {
        using var bound = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        bound.CancelAfter(SaveBound);
        using var request = new HttpRequestMessage(HttpMethod.Post, path);
        await using var counted = new CountedStream(body, bytes =>
        {
            bound.CancelAfter(SaveBound);
            sent(bytes);
        });
        request.Content = new StreamContent(counted, 1 << 18);
        request.Content.Headers.ContentType = new MediaTypeHeaderValue(type);
        try
        {
            using var response = await _http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, bound.Token);
            var text = await response.Content.ReadAsStringAsync(bound.Token);
            return response.IsSuccessStatusCode && JsonNode.Parse(text) is JsonObject answer ? answer : throw ApiFailure.From((int)response.StatusCode, text);
        }
        catch (OperationCanceledException) when (!cancellation.IsCancellationRequested)
        {
            throw new CliException($"The server at {_server} took nothing of {path} for {SaveBound.TotalMinutes:0} min: check whether it is overloaded, then try again.");
        }
        catch (Exception e) when (e is HttpRequestException or IOException)
        {
            throw Unreachable(e);
        }
    }

    private Task<JsonObject> SendAsync(HttpMethod method, string path, JsonNode? body, string type, string accept, CancellationToken cancellation) =>
        BoundAsync(method, path, async bound =>
        {
            using var response = await StartAsync(method, path, body, type, accept, bound);
            var text = await response.Content.ReadAsStringAsync(bound);
            return JsonNode.Parse(text) as JsonObject ?? throw new CliException($"The server at {_server} did not return an object for {path}: is it a Kubernetes API?");
        }, cancellation);

    private async Task<T> BoundAsync<T>(HttpMethod method, string path, Func<CancellationToken, Task<T>> ask, CancellationToken cancellation)
    {
        using var bound = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        bound.CancelAfter(Bound);
        try
        {
            return await ask(bound.Token);
        }
        catch (OperationCanceledException) when (!cancellation.IsCancellationRequested)
        {
            throw new CliException($"The server at {_server} did not answer {method} {path} within {Bound.TotalSeconds:0} s: check whether it is overloaded, then try again.");
        }
        catch (JsonException e)
        {
            throw new CliException($"The server at {_server} did not return JSON for {path} ({e.Message}): is it a Kubernetes API?");
        }
        catch (Exception e) when (e is HttpRequestException or IOException)
        {
            throw Unreachable(e);
        }
    }

    /// <summary>Streams a response, such as a log. A broken connection is either the end or an error, depending on the caller.</summary>
    public async IAsyncEnumerable<string> LinesAsync(
        string path, [EnumeratorCancellation] CancellationToken cancellation, string accept = "*/*", bool endsQuietly = false)
    {
        using var bound = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        bound.CancelAfter(Bound);
        HttpResponseMessage response;
        try
        {
            response = await StartAsync(HttpMethod.Get, path, null, Json, accept, bound.Token);
        }
        catch (OperationCanceledException) when (!cancellation.IsCancellationRequested)
        {
            throw new CliException($"The server at {_server} did not answer GET {path} within {Bound.TotalSeconds:0} s: check whether it is overloaded, then try again.");
        }
        catch (HttpRequestException e)
        {
            throw Unreachable(e);
        }

        bound.CancelAfter(Timeout.InfiniteTimeSpan);
        using (response)
        {
            using var reader = new StreamReader(await response.Content.ReadAsStreamAsync(cancellation), Encoding.UTF8);
            while (true)
            {
                string? line;
                try
                {
                    line = await reader.ReadLineAsync(cancellation);
                }
                catch (Exception e) when (e is HttpRequestException or IOException)
                {
                    line = endsQuietly ? null : throw new CliException($"The server at {_server} closed the connection: check with 'orc version' whether it is running.");
                }

                if (line is null)
                {
                    yield break;
                }

                yield return line;
            }
        }
    }

    /// <summary>Watches from a revision until the server ends the watch. Throws an exception for an ERROR event.</summary>
    public async IAsyncEnumerable<WatchEvent> WatchAsync(string path, string revision, [EnumeratorCancellation] CancellationToken cancellation, string? accept = null)
    {
        var full = Query(path, ("watch", "true"), ("resourceVersion", revision), ("allowWatchBookmarks", "true"));
        await foreach (var line in LinesAsync(full, cancellation, accept ?? Json, endsQuietly: true))
        {
            var o = JsonNode.Parse(line) as JsonObject;
            if (o?["object"] is not JsonObject item)
            {
                continue;
            }

            var type = o.Text("type") ?? "";
            if (type == "ERROR")
            {
                throw ApiFailure.From(item);
            }

            if (type != "BOOKMARK")
            {
                yield return new WatchEvent(type, item);
            }
        }
    }

    /// <summary>Adds query parameters to a path; empty ones are left out.</summary>
    public static string Query(string path, params IEnumerable<(string Name, string? Value)> parameters)
    {
        var added = string.Join('&', parameters.Where(p => p.Value is { Length: > 0 }).Select(p => $"{p.Name}={Uri.EscapeDataString(p.Value!)}"));
        return added.Length == 0 ? path : $"{path}{(path.Contains('?', StringComparison.Ordinal) ? '&' : '?')}{added}";
    }

    public void Dispose() => _http.Dispose();

    private async Task<HttpResponseMessage> StartAsync(
        HttpMethod method, string path, JsonNode? body, string type, string accept, CancellationToken cancellation)
    {
        var response = await BeginAsync(method, path, body, type, accept, cancellation);
        if (response.IsSuccessStatusCode)
        {
            return response;
        }

        using (response)
        {
            throw ApiFailure.From((int)response.StatusCode, await response.Content.ReadAsStringAsync(cancellation));
        }
    }

    private async Task<HttpResponseMessage> BeginAsync(
        HttpMethod method, string path, JsonNode? body, string type, string accept, CancellationToken cancellation)
    {
        using var request = new HttpRequestMessage(method, path);
        request.Headers.TryAddWithoutValidation("Accept", accept);
        if (body is not null)
        {
            request.Content = new ByteArrayContent(JsonSerializer.SerializeToUtf8Bytes(body));
            request.Content.Headers.ContentType = new MediaTypeHeaderValue(type);
        }

        var response = await _http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, cancellation);
        foreach (var warning in response.Headers.Warning)
        {
            _warn?.Invoke(System.Text.RegularExpressions.Regex.Unescape(warning.Text[1..^1]));
        }

        return response;
    }

    private CliException Unreachable(Exception e) => e.InnerException switch
    {
        AuthenticationException => new CliException($"The server at {_server} has a certificate that is not signed by the CA of the kubeconfig: use the kubeconfig of this cluster."),
        System.Net.Sockets.SocketException { SocketErrorCode: System.Net.Sockets.SocketError.ConnectionRefused } =>
            new UnreachableException($"No API server answers at {_server}: start one with 'orc up', or select another one with --kubeconfig."),
        _ => new UnreachableException($"The API server at {_server} cannot be reached ({e.InnerException?.Message ?? e.Message}): check that it is running, or start one with 'orc up'."),
    };
}

/// <summary>The server cannot be reached.</summary>
internal sealed class UnreachableException(string message) : CliException(message);
