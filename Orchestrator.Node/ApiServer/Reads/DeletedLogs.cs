using System.Text.Json.Nodes;
using Akka.Actor;
using Orchestrator.Actors.Api;
using Orchestrator.Actors.Kinds.Nodes;
using Orchestrator.Node.ApiServer.Answers;
using Orchestrator.Node.ApiServer.Requests;

namespace Orchestrator.Node.ApiServer.Reads;

/// <summary><c>pods/NAME/log?orchestrator.io/deleted=true</c>: the log of a pod that is no more, as long as its node keeps it; with <c>=list</c>, what is kept. Who may read the logs of the
/// namespace may read these.</summary>
internal sealed class DeletedLogs(ApiServices services)
{
    /// <summary>The parameter.</summary>
    public const string Parameter = "orchestrator.io/deleted";

    private const string Uid = "orchestrator.io/uid";
    private static readonly TimeSpan Bound = TimeSpan.FromSeconds(5);

    public async Task HandleAsync(HttpContext http, RequestInfo request)
    {
        var query = http.Request.Query;
        var (ns, pod) = (request.Path.Namespace!, request.Path.Name!);
        var mode = query[Parameter].ToString();
        if (mode is not ("true" or "list"))
        {
            throw new ApiException(ApiReason.BadRequest, $"{Parameter}: \"{mode}\" must be true, for a log, or list, for what is kept");
        }

        if (query["follow"] == "true")
        {
            throw new ApiException(ApiReason.BadRequest, $"follow cannot be used with {Parameter}: nothing is added to the log of a pod that is no more");
        }

        var found = await FindAsync(ns, pod, http.RequestAborted).ConfigureAwait(false);
        if (mode == "list")
        {
            await http.Response.WriteAsJsonAsync(new JsonObject { ["items"] = new JsonArray([.. found.Select(f => (JsonNode)Item(f.Node, f.Log))]) }, http.RequestAborted).ConfigureAwait(false);
            return;
        }

        var (node, chosen) = Choose(pod, found, query[Uid].ToString(), query["container"].ToString(), query["previous"] == "true");
        var open = new OpenKeptLog(ns, pod, chosen.PodUid, chosen.Container, chosen.Attempt, LogHandler.Number(query, "tailLines"), LogHandler.Since(query, services.Time.GetUtcNow()),
            query["timestamps"] == "true", LogHandler.Number(query, "limitBytes"));
        var session = await LogHandler.AskAsync<object>(services.Gateway(), new ToNode(node, open), http.RequestAborted).ConfigureAwait(false) is LogOpened opened
            ? opened.Session
            : throw new ApiException(ApiReason.ServiceUnavailable, $"node {node} cannot be reached; its logs can be read when it is back");
        await LogHandler.PassOnAsync(session, http).ConfigureAwait(false);
    }

    // Nobody knows any more which node a pod was on, so each is asked. One that does not answer has none to offer.
    private async Task<IReadOnlyList<(string Node, KeptLog Log)>> FindAsync(string ns, string pod, CancellationToken cancellation)
    {
        var nodes = await services.Cache.SnapshotAsync(NodeDefinition.Instance, cancellation).ConfigureAwait(false);
        var found = await Task.WhenAll(nodes.Objects.Select(n => AskAsync(n.Name))).ConfigureAwait(false);
        return [.. found.SelectMany(f => f).OrderByDescending(f => f.Log.RemovedAt)];

        async Task<IEnumerable<(string Node, KeptLog Log)>> AskAsync(string node)
        {
            try
            {
                var answer = await services.Gateway().Ask<object>(new ToNode(node, new FindKeptLogs(ns, pod)), Bound, cancellation).ConfigureAwait(false);
                return answer is FoundKeptLogs kept ? kept.Logs.Select(l => (node, l)) : [];
            }
            catch (AskTimeoutException)
            {
                return [];
            }
        }
    }

    private static (string Node, KeptLog Log) Choose(string pod, IReadOnlyList<(string Node, KeptLog Log)> found, string uid, string container, bool isPrevious)
    {
        // Of several pods of the name, the one that was removed last.
        var last = found.Where(f => uid.Length == 0 || f.Log.PodUid == uid).Select(f => f.Log.PodUid).FirstOrDefault()
            ?? throw new ApiException(ApiReason.NotFound, $"no log is kept of a deleted pod \"{pod}\"{(uid.Length > 0 ? $" with the uid {uid}" : "")}");
        var ofPod = found.Where(f => f.Log.PodUid == last).ToList();
        var names = ofPod.Select(f => f.Log.Container).Distinct().Order(StringComparer.Ordinal).ToList();
        if (container.Length == 0 && names.Count > 1)
        {
            throw new ApiException(ApiReason.BadRequest, $"a container name must be specified for deleted pod {pod}, choose one of: [{string.Join(' ', names)}]");
        }

        var attempts = ofPod.Where(f => f.Log.Container == (container.Length > 0 ? container : names[0])).OrderByDescending(f => f.Log.Attempt).ToList();
        return attempts.Count == 0 ? throw new ApiException(ApiReason.BadRequest, $"no log is kept of container {container} of deleted pod {pod}, only of: [{string.Join(' ', names)}]")
            : !isPrevious ? attempts[0]
            : attempts.Count > 1 ? attempts[1] : throw new ApiException(ApiReason.BadRequest, $"previous terminated container \"{attempts[0].Log.Container}\" in deleted pod \"{pod}\" not found");
    }

    private static JsonObject Item(string node, KeptLog log) => new()
    {
        ["uid"] = log.PodUid,
        ["container"] = log.Container,
        ["attempt"] = log.Attempt,
        ["bytes"] = log.Bytes,
        ["removedAt"] = KubeTime.Text(log.RemovedAt),
        ["node"] = node,
    };
}
