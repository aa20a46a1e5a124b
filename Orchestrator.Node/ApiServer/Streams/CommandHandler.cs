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
        var protocol = ClientUpgrade.Protocol(http, WebSocketCommand.Version5, WebSocketCommand.Version4, WebSocketCommand.Version1);
        if (!ClientUpgrade.IsSpdy(http) && (!ClientUpgrade.IsWebSocket(http) || protocol is null))
        {
            throw new ApiException(ApiReason.BadRequest, $"an upgrade of the connection to SPDY/3.1 or to a WebSocket with {WebSocketCommand.Version5}, {WebSocketCommand.Version4} or {WebSocketCommand.Version1} is needed");
        }

        // Before the upgrade, so that a client gets the refusal as a Status.
        var node = await NodeStream.OpenAsync(services, target.Node, open, http.RequestAborted).ConfigureAwait(false);
        await using (node.ConfigureAwait(false))
        {
            if (ClientUpgrade.IsSpdy(http))
            {
                await SpdyAsync(http, node, options).ConfigureAwait(false);
            }
            else
            {
                await WebSocketAsync(http, node, options, protocol!).ConfigureAwait(false);
            }
        }
    }

    private static async Task SpdyAsync(HttpContext http, NodeStream node, CommandOptions options)
    {
        var connection = await ClientUpgrade.SpdyAsync(http, WebSocketCommand.Version4).ConfigureAwait(false);
        if (await SpdyCommand.OpenAsync(connection, options.StreamTypes(), http.RequestAborted).ConfigureAwait(false) is not { } client)
        {
            await connection.DisposeAsync().ConfigureAwait(false);
            return;
        }

        await RunAsync(http, client, node, options, connection.Gone).ConfigureAwait(false);
    }

    private static async Task WebSocketAsync(HttpContext http, NodeStream node, CommandOptions options, string protocol)
    {
        var client = new WebSocketCommand(await ClientUpgrade.WebSocketAsync(http, protocol).ConfigureAwait(false), protocol, options.HasInput);
        await RunAsync(http, client, node, options, client.Gone).ConfigureAwait(false);
    }

    private static async Task RunAsync(HttpContext http, IRemoteCommand client, NodeStream node, CommandOptions options, CancellationToken clientGone)
    {
        // A client whose input nobody reads is not heard when it goes, but what is written to it fails.
        using var gone = CancellationTokenSource.CreateLinkedTokenSource(clientGone, http.RequestAborted);
        await using (client.ConfigureAwait(false))
        {
            try
            {
                // Tells the client of a WebSocket that it is connected (Kubernetes does so too); nothing on SPDY.
                await client.WriteAsync(options.HasOutput ? 1 : options.HasErrors ? 2 : 3, default, gone.Token).ConfigureAwait(false);
                await RemoteCommandPump.RunAsync(client, node, options.HasInput, options.IsTty, gone.Token).ConfigureAwait(false);
            }
            catch (Exception e) when (e is OperationCanceledException or IOException or WebSocketException or ObjectDisposedException or NotSupportedException)
            {
                // The client has gone; the command ends with its stream.
            }
        }
    }

    private static bool IsTty(KubeObject pod, string container)
    {
        var spec = pod.As<V1Pod>().Spec;
        return spec.Containers.Concat(spec.InitContainers ?? []).FirstOrDefault(c => c.Name == container)?.Tty == true || spec.EphemeralContainers?.FirstOrDefault(c => c.Name == container)?.Tty == true;
    }
}
