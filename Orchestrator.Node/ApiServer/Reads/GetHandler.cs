using Orchestrator.Actors.Api;
using Orchestrator.Actors.Kinds.ComponentStatuses;
using Orchestrator.Actors.Kinds.Events;
using Orchestrator.Node.ApiServer.Answers;
using Orchestrator.Node.ApiServer.Requests;

namespace Orchestrator.Node.ApiServer.Reads;

/// <summary>GET of an object.</summary>
internal sealed class GetHandler(ApiServices services)
{
    public async Task HandleAsync(HttpContext http, ResourcePath path, UserInfo user)
    {
        var key = path.Kind.Key(path.Namespace, path.Name!);

        // Most Kubernetes Events are projections, which only the cache has.
        var found = path.Kind == EventDefinition.Instance ? (await services.Cache.SnapshotAsync(path.Kind, http.RequestAborted).ConfigureAwait(false)).Find(path.Namespace!, path.Name!)
            : path.Kind == ComponentStatusDefinition.Instance ? ComponentStatuses.Snapshot(services).Find("", path.Name!)
            : await services.Store.FindAsync(key, user, http.RequestAborted).ConfigureAwait(false);
        await ObjectAnswer.WriteAsync(http, path.Served, found ?? throw new ApiException(ApiError.NotFound(key)), services.Time.GetUtcNow()).ConfigureAwait(false);
    }
}
