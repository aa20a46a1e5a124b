using System.Globalization;
using System.Net.WebSockets;
using System.Text;
using Akka.Actor;
using Orchestrator.Actors.Api;
using Orchestrator.Actors.Entities;
using Orchestrator.Actors.Kinds.Nodes;
using Orchestrator.Node.ApiServer.Answers;
using Orchestrator.Node.ApiServer.Requests;
using Orchestrator.Node.ApiServer.Streams;
using k8s.Models;

namespace Orchestrator.Node.ApiServer.Reads;

/// <summary><c>pods/NAME/log</c>: passes on what the agent of the pod's node reads.</summary>
internal sealed class LogHandler(ApiServices services)
{
    private static readonly TimeSpan Bound = TimeSpan.FromSeconds(15);

    public async Task HandleAsync(HttpContext http, RequestInfo request)
    {
        if (http.Request.Query.ContainsKey(DeletedLogs.Parameter))
        {
            await new DeletedLogs(services).HandleAsync(http, request).ConfigureAwait(false);
            return;
        }

        var reply = await services.Store.SendAsync(new GetObject(request.Kind.Key(request.Path.Namespace, request.Path.Name!), request.User), http.RequestAborted).ConfigureAwait(false);
        var pod = reply.Object ?? throw new ApiException(reply.Error!);
        var query = http.Request.Query;
        var container = PodContainers.Named(pod, query["container"].ToString());
        if (pod.NodeName is not { Length: > 0 } node)
        {
            throw new ApiException(ApiReason.BadRequest, $"container \"{container}\" in pod \"{pod.Name}\" is waiting to start: the pod is not assigned to a node yet");
        }

        var isPrevious = query["previous"] == "true";
        var previous = Checked(pod, container, isPrevious);
        var open = new OpenLog(pod.Uid, container, query["follow"] == "true", isPrevious, Number(query, "tailLines"), Since(query, services.Time.GetUtcNow()), query["timestamps"] == "true", Number(query, "limitBytes"), previous);
        var session = await AskAsync<object>(services.Gateway(), new ToNode(node, open), http.RequestAborted).ConfigureAwait(false) is LogOpened opened
            ? opened.Session
            : throw new ApiException(ApiReason.ServiceUnavailable, $"node {node} cannot be reached; its logs can be read when it is back");
        await PassOnAsync(session, http).ConfigureAwait(false);
    }

    /// <summary>Passes an open log on to the client, to its end.</summary>
    internal static async Task PassOnAsync(IActorRef session, HttpContext http)
    {
        var sink = new LogSink(http);
        await using (sink.ConfigureAwait(false))
        {
            try
            {
                await PassOnAsync(session, sink).ConfigureAwait(false);
            }
            catch (Exception e) when (sink.HasStarted && ClientUpgrade.IsWebSocket(http) && e is OperationCanceledException or WebSocketException or IOException or ObjectDisposedException)
            {
                // The client of a WebSocket has gone; the session ends when nobody asks for more.
            }
        }
    }

    private static async Task PassOnAsync(IActorRef session, LogSink sink)
    {
        while (true)
        {
            var chunk = await AskAsync<LogChunk>(session, new NextLogChunk(), sink.Gone).ConfigureAwait(false);
            if (chunk.Error is { } error)
            {
                if (!sink.HasStarted)
                {
                    throw new ApiException(ApiReason.BadRequest, error);
                }

                await sink.WriteAsync(Encoding.UTF8.GetBytes($"\nthe log ends here: {error}\n")).ConfigureAwait(false);
                return;
            }

            await sink.WriteAsync(chunk.Bytes).ConfigureAwait(false);
            if (chunk.IsEnd)
            {
                return;
            }
        }
    }

    // With "previous", the runtime's id of the run that status.lastState tells of.
    private static string? Checked(KubeObject pod, string container, bool isPrevious)
    {
        var status = pod.As<V1Pod>().Status;
        var c = (status?.ContainerStatuses ?? []).Concat(status?.InitContainerStatuses ?? []).Concat(status?.EphemeralContainerStatuses ?? []).FirstOrDefault(s => s.Name == container);
        if (isPrevious)
        {
            return c?.LastState?.Terminated?.ContainerID is { Length: > 0 } id ? id[(id.IndexOf("://", StringComparison.Ordinal) is var at && at < 0 ? 0 : at + 3)..]
                : throw new ApiException(ApiReason.BadRequest, $"previous terminated container \"{container}\" in pod \"{pod.Name}\" not found");
        }

        if (c?.ContainerID is null or "" && c?.State?.Waiting is { } waiting)
        {
            throw new ApiException(ApiReason.BadRequest, $"container \"{container}\" in pod \"{pod.Name}\" is waiting to start: {waiting.Reason}");
        }

        return null;
    }

    /// <summary>Reads a parameter that is a number.</summary>
    internal static long? Number(IQueryCollection query, string name) => query[name].ToString() switch
    {
        "" => null,
        var text when long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) => number,
        var text => throw new ApiException(ApiReason.BadRequest, $"{name}: \"{text}\" must be a whole number of 0 or more"),
    };

    /// <summary>Reads <c>sinceSeconds</c> or <c>sinceTime</c>.</summary>
    internal static DateTimeOffset? Since(IQueryCollection query, DateTimeOffset now) => Number(query, "sinceSeconds") is { } seconds ? Seconds.After(now, -seconds)
        : query["sinceTime"].ToString() is { Length: > 0 } text ? Time(text) : null;

    private static DateTimeOffset Time(string text) => DateTimeOffset.TryParse(text, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var time)
        ? time
        : throw new ApiException(ApiReason.BadRequest, $"sinceTime: \"{text}\" must be a time such as 2006-01-02T15:04:05Z");

    /// <summary>Asks an agent, or what it has opened.</summary>
    internal static async Task<T> AskAsync<T>(IActorRef target, object message, CancellationToken cancellation)
    {
        try
        {
            return await target.Ask<T>(message, Bound, cancellation).ConfigureAwait(false);
        }
        catch (AskTimeoutException)
        {
            throw new ApiException(ApiReason.Timeout, "the node did not answer in time; try again");
        }
    }
}
