using Orchestrator.Actors.Api;
using Orchestrator.Actors.Kinds.ComponentStatuses;
using Orchestrator.Actors.Kinds.Events;
using Orchestrator.Node.ApiServer.Answers;
using Orchestrator.Node.ApiServer.Requests;

namespace Orchestrator.Node.ApiServer.Reads;

/// <summary>GET of an object.</summary>
internal sealed class GetHandler(ApiServices services)
{
    public async Task HandleAsync(HttpContext http, RequestInfo request)
    {
        var key = request.Kind.Key(request.Path.Namespace, request.Path.Name!);

        // Most Kubernetes Events are projections, which only the cache has.
        var found = request.Kind == EventDefinition.Instance ? (await services.Cache.SnapshotAsync(request.Kind, http.RequestAborted).ConfigureAwait(false)).Find(request.Path.Namespace!, request.Path.Name!)
            : request.Kind == ComponentStatusDefinition.Instance ? ComponentStatuses.Snapshot(services).Find("", request.Path.Name!)
            : await ObjectReader.FindCurrentAsync(services, request.Kind, key, request.User, http.RequestAborted).ConfigureAwait(false);
        await ObjectAnswer.WriteAsync(http, request.Path.Served, found ?? throw new ApiException(ApiError.NotFound(key)), services.Time.GetUtcNow()).ConfigureAwait(false);
    }
}
