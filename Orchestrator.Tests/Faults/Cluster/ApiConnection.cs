using System.Net;
using System.Net.Http.Headers;
using System.Net.Sockets;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Orchestrator.Tests.Faults.Cluster;

/// <summary>The admin's connection to one host. A request never throws for what a fault may do: it says how it ended.</summary>
internal sealed class ApiConnection : IDisposable
{
    private static readonly TimeSpan RequestBound = TimeSpan.FromSeconds(15);
    private readonly HttpClient _http;
    private readonly X509Certificate2 _authority;

    public ApiConnection(IPEndPoint address, string dataDir)
    {
        _authority = X509CertificateLoader.LoadCertificateFromFile(Path.Combine(dataDir, "pki", "ca.crt"));
        var handler = new SocketsHttpHandler { ConnectTimeout = TimeSpan.FromSeconds(5), PooledConnectionIdleTimeout = TimeSpan.FromSeconds(20) };
        handler.SslOptions.CertificateChainPolicy = new X509ChainPolicy
        {
            TrustMode = X509ChainTrustMode.CustomRootTrust,
            CustomTrustStore = { _authority },
            RevocationMode = X509RevocationMode.NoCheck,
        };
        _http = new HttpClient(handler) { BaseAddress = new Uri($"https://{address}"), Timeout = Timeout.InfiniteTimeSpan };
        _http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", File.ReadAllText(Path.Combine(dataDir, "pki", "admin.token")).Trim());
    }

    public Task<Answer> GetAsync(string path) => SendAsync(HttpMethod.Get, path, null);

    /// <summary>Sends a request and reads the whole answer, for 15 s at most.</summary>
    public async Task<Answer> SendAsync(HttpMethod method, string path, JsonNode? body, string type = "application/json")
    {
        using var bound = new CancellationTokenSource(RequestBound);
        using var request = new HttpRequestMessage(method, path);
        if (body is not null)
        {
            // A request with a body is never sent twice by the client.
            request.Content = new StringContent(body.ToJsonString(), Encoding.UTF8, type);
        }

        try
        {
            using var response = await _http.SendAsync(request, bound.Token);
            var text = await response.Content.ReadAsStringAsync(bound.Token);
            var isJson = response.Content.Headers.ContentType?.MediaType == "application/json";
            var json = isJson ? JsonNode.Parse(text) : null;
            return new Answer((int)response.StatusCode, json, response.IsSuccessStatusCode ? "" : (string?)json?["message"] ?? text);
        }
        catch (OperationCanceledException)
        {
            return new Answer(0, null, $"no answer in {RequestBound.TotalSeconds:0} s");
        }
        catch (Exception e) when (e is HttpRequestException or IOException or JsonException)
        {
            return new Answer(0, null, e.InnerException?.Message ?? e.Message, WasSent: !IsUnconnected(e));
        }
    }

    /// <summary>Opens a watch. Throws what breaks it.</summary>
    public async Task<HttpResponseMessage> OpenAsync(string path, CancellationToken cancellation) =>
        await _http.GetAsync(path, HttpCompletionOption.ResponseHeadersRead, cancellation);

    /// <inheritdoc/>
    public void Dispose()
    {
        _http.Dispose();
        _authority.Dispose();
    }

    private static bool IsUnconnected(Exception e) =>
        e is HttpRequestException { HttpRequestError: HttpRequestError.ConnectionError } && e.InnerException is SocketException { SocketErrorCode: SocketError.ConnectionRefused or SocketError.HostUnreachable or SocketError.NetworkUnreachable };
}
