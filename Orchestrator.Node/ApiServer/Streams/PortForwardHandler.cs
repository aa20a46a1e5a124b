using System.Net.WebSockets;
using Orchestrator.Actors.Api;
using Orchestrator.Node.ApiServer.Answers;
using Orchestrator.Node.ApiServer.Requests;
using Orchestrator.Node.ApiServer.Streams.Spdy;

namespace Orchestrator.Node.ApiServer.Streams;

/// <summary><c>pods/NAME/portforward</c>: connections to ports of a pod over SPDY, as they are or within a WebSocket.</summary>
internal sealed class PortForwardHandler(ApiServices services)
{
    private const string Version = "portforward.k8s.io";
    private const string Tunnel = "SPDY/3.1+" + Version;

    public async Task HandleAsync(HttpContext http, RequestInfo request)
    {
        var target = await PodTarget.OfAsync(services, http, request).ConfigureAwait(false);
        var connection = await ConnectAsync(http).ConfigureAwait(false);
        await using (connection.ConfigureAwait(false))
        {
            await new PortForwards(services, target, connection).RunAsync().ConfigureAwait(false);
        }
    }

    private static async Task<SpdyConnection> ConnectAsync(HttpContext http)
    {
        if (ClientUpgrade.IsSpdy(http))
        {
            return await ClientUpgrade.SpdyAsync(http, Version).ConfigureAwait(false);
        }

        if (!ClientUpgrade.IsWebSocket(http) || ClientUpgrade.Protocol(http, Tunnel) is not { } protocol)
        {
            throw new ApiException(ApiReason.BadRequest, $"an upgrade of the connection to SPDY/3.1 or to a WebSocket with {Tunnel} is needed");
        }

        var socket = await ClientUpgrade.WebSocketAsync(http, protocol).ConfigureAwait(false);
        return new SpdyConnection(WebSocketStream.Create(socket, WebSocketMessageType.Binary, closeTimeout: TimeSpan.FromSeconds(5)));
    }
}
