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
            : ComputedKinds.SnapshotAsync(services, request.Path, http.RequestAborted) is { } computed ? (await computed.ConfigureAwait(false)).Find(key.Namespace, key.Name)
            : await ObjectReader.FindCurrentAsync(services, request.Kind, key, request.User, http.RequestAborted).ConfigureAwait(false);
        await ObjectAnswer.WriteAsync(http, request.Path.Served, found ?? throw new ApiException(ComputedKinds.NotFound(request.Path, key)), services.Time.GetUtcNow()).ConfigureAwait(false);
    }
}
