using System.Net.WebSockets;
using Orchestrator.Actors.Api;
using Orchestrator.Actors.Kinds.Nodes;
using Orchestrator.Node.ApiServer.Answers;
using Orchestrator.Node.ApiServer.Reads;
using Orchestrator.Node.ApiServer.Requests;
using Orchestrator.Node.ApiServer.Streams.Spdy;
using k8s.Models;

namespace Orchestrator.Node.ApiServer.Streams;

/// <summary><c>pods/NAME/exec</c> and <c>attach</c>: runs a command in a container, or joins its process.</summary>
internal sealed class CommandHandler(ApiServices services)
{
    public async Task HandleAsync(HttpContext http, RequestInfo request)
    {
        var options = CommandOptions.Of(http.Request.Query, request.Path.Subresource == "exec");
        var target = await PodTarget.OfAsync(services, http, request).ConfigureAwait(false);
        var container = PodContainers.Named(target.Pod, options.Container);
        var isTty = options.Command.IsEmpty ? IsTty(target.Pod, container) : options.IsTty;
        IOpenStream open = options.Command.IsEmpty ? new OpenAttach(target.Pod.Uid, container, options.HasInput)
            : new OpenExec(target.Pod.Uid, container, options.Command, options.HasInput, isTty);
        var protocol = ClientUpgrade.Protocol(http, WebSocketCommand.Version5, WebSocketCommand.Version4);
        if (!ClientUpgrade.IsSpdy(http) && (!ClientUpgrade.IsWebSocket(http) || protocol is null))
        {
            throw new ApiException(ApiReason.BadRequest, $"an upgrade of the connection to SPDY/3.1 or to a WebSocket with {WebSocketCommand.Version5} or {WebSocketCommand.Version4} is needed");
        }

        // Before the upgrade, so that a client gets the refusal as a Status.
        var node = await NodeStream.OpenAsync(services, target.Node, open, http.RequestAborted).ConfigureAwait(false);
        await using (node.ConfigureAwait(false))
        {
            if (ClientUpgrade.IsSpdy(http))
            {
                await SpdyAsync(http, node, options, isTty).ConfigureAwait(false);
            }
            else
            {
                await WebSocketAsync(http, node, options, protocol!).ConfigureAwait(false);
            }
        }
    }

    private static async Task SpdyAsync(HttpContext http, NodeStream node, CommandOptions options, bool isTty)
    {
        var connection = await ClientUpgrade.SpdyAsync(http, WebSocketCommand.Version4).ConfigureAwait(false);
        if (await SpdyCommand.OpenAsync(connection, options.StreamTypes(isTty), http.RequestAborted).ConfigureAwait(false) is not { } client)
        {
            await connection.DisposeAsync().ConfigureAwait(false);
            return;
        }

        await RunAsync(client, node, options, connection.Gone).ConfigureAwait(false);
    }

    private static async Task WebSocketAsync(HttpContext http, NodeStream node, CommandOptions options, string protocol)
    {
        var client = new WebSocketCommand(await ClientUpgrade.WebSocketAsync(http, protocol).ConfigureAwait(false));

        // An empty message tells the client that it is connected (Kubernetes does so too).
        await client.WriteAsync(options.HasOutput ? 1 : options.HasErrors ? 2 : 3, default, http.RequestAborted).ConfigureAwait(false);
        await RunAsync(client, node, options, client.Gone).ConfigureAwait(false);
    }

    private static async Task RunAsync(IRemoteCommand client, NodeStream node, CommandOptions options, CancellationToken gone)
    {
        await using (client.ConfigureAwait(false))
        {
            try
            {
                await RemoteCommandPump.RunAsync(client, node, options.HasInput, options.IsTty, gone).ConfigureAwait(false);
            }
            catch (Exception e) when (e is OperationCanceledException or IOException or WebSocketException or ObjectDisposedException)
            {
                // The client has gone; the command ends with its stream.
            }
        }
    }

    private static bool IsTty(KubeObject pod, string container)
    {
        var spec = pod.As<V1Pod>().Spec;
        return spec.Containers.Concat(spec.InitContainers ?? []).First(c => c.Name == container).Tty == true;
    }
}
