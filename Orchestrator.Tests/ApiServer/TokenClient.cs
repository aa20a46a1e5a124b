using System.Net.Http.Headers;
using Orchestrator.Tests.Kit;

namespace Orchestrator.Tests.ApiServer;

/// <summary>Speaks HTTPS to a process as its administrator, by token.</summary>
internal static class TokenClient
{
    public static HttpClient Of(NodeProcess node)
    {
        var handler = new SocketsHttpHandler { ConnectTimeout = TimeSpan.FromSeconds(5), EnableMultipleHttp2Connections = true };
        handler.SslOptions.RemoteCertificateValidationCallback = (_, _, _, _) => true;
        var client = new HttpClient(handler) { BaseAddress = new Uri($"https://{node.Address}"), Timeout = TimeSpan.FromSeconds(30) };
        var token = File.ReadLines(Path.Combine(node.DataDir, "pki", "admin.token")).First();
        client.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", token);
        return client;
    }
}
