using System.Net.WebSockets;
using System.Security.Cryptography;
using System.Text;
using Microsoft.AspNetCore.Http.Features;
using Orchestrator.Actors.Api;
using Orchestrator.Node.ApiServer.Answers;
using Orchestrator.Node.ApiServer.Streams.Spdy;

namespace Orchestrator.Node.ApiServer.Streams;

/// <summary>Turns a request into a connection on which both sides speak: SPDY/3.1 or a WebSocket.</summary>
internal static class ClientUpgrade
{
    private const string SpdyProtocol = "SPDY/3.1";
    private const string SpdyVersions = "X-Stream-Protocol-Version";
    // What is sent at this interval fails once the client has gone.
    private static readonly TimeSpan KeepAlive = TimeSpan.FromSeconds(30);

    /// <summary>Whether the client asks for a WebSocket.</summary>
    public static bool IsWebSocket(HttpContext http) => Asks(http, "websocket");

    /// <summary>Whether the client asks for SPDY.</summary>
    public static bool IsSpdy(HttpContext http) => Asks(http, SpdyProtocol);

    /// <summary>Returns the first of our protocols that the client of a WebSocket offers; null if it offers none of them, the first if it offers none at all.</summary>
    public static string? Protocol(HttpContext http, params ReadOnlySpan<string> ours) => Chosen(http.WebSockets.WebSocketRequestedProtocols, ours);

    /// <summary>Opens a WebSocket.</summary>
    public static async Task<WebSocket> WebSocketAsync(HttpContext http, string protocol)
    {
        const string Guid = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";
        var key = http.Request.Headers.SecWebSocketKey.ToString();
        if (key.Length == 0 || http.Request.Headers.SecWebSocketVersion != "13")
        {
            throw new ApiException(ApiReason.BadRequest, "a WebSocket of version 13 is needed, with a Sec-WebSocket-Key");
        }

        // RFC 6455, 4.2.2: a checksum, not a secret.
        var accept = Convert.ToBase64String(Checksum(Encoding.ASCII.GetBytes(key + Guid)));
        http.Response.Headers.SecWebSocketAccept = accept;
        if (http.WebSockets.WebSocketRequestedProtocols.Count > 0)
        {
            http.Response.Headers.SecWebSocketProtocol = protocol;
        }

        var stream = await UpgradeAsync(http, "websocket").ConfigureAwait(false);
        return WebSocket.CreateFromStream(stream, new WebSocketCreationOptions { IsServer = true, KeepAliveInterval = KeepAlive });
    }

    /// <summary>Opens a SPDY connection.</summary>
    /// <param name="http">The request.</param>
    /// <param name="versions">Protocols on top of it that we speak, the best one first.</param>
    public static async Task<SpdyConnection> SpdyAsync(HttpContext http, params string[] versions)
    {
        var offered = http.Request.Headers[SpdyVersions].SelectMany(v => (v ?? "").Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries)).ToList();
        var chosen = Chosen(offered, versions)
            ?? throw new ApiException(ApiReason.Forbidden, $"unable to upgrade: the client supports [{string.Join(' ', offered)}] and the server [{string.Join(' ', versions)}]");
        http.Response.Headers[SpdyVersions] = chosen;
        return new SpdyConnection(await UpgradeAsync(http, SpdyProtocol).ConfigureAwait(false));
    }

    private static string? Chosen(IList<string> offered, ReadOnlySpan<string> ours)
    {
        foreach (var protocol in ours)
        {
            if (offered.Count == 0 || offered.Contains(protocol))
            {
                return protocol;
            }
        }

        return null;
    }

    private static bool Asks(HttpContext http, string protocol) => string.Equals(http.Request.Headers.Upgrade.ToString(), protocol, StringComparison.OrdinalIgnoreCase);

    private static Task<Stream> UpgradeAsync(HttpContext http, string protocol)
    {
        if (http.Features.Get<IHttpUpgradeFeature>() is not { IsUpgradableRequest: true } upgrade)
        {
            throw new ApiException(ApiReason.BadRequest, "the connection cannot be upgraded; HTTP/1.1 is needed, and headers Connection and Upgrade");
        }

        http.Response.Headers.Upgrade = protocol;
        http.Response.Headers.Connection = "Upgrade";
        return upgrade.UpgradeAsync();
    }

#pragma warning disable CA5350 // The protocol prescribes it.
    private static byte[] Checksum(byte[] bytes) => SHA1.HashData(bytes);
#pragma warning restore CA5350
}
