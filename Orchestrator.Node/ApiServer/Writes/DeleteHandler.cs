using System.Text.Json.Nodes;
using Orchestrator.Actors.Api;
using Orchestrator.Actors.Entities;
using Orchestrator.Actors.Kinds.Namespaces;
using Orchestrator.Actors.Resources;
using Orchestrator.Node.ApiServer.Answers;
using Orchestrator.Node.ApiServer.Requests;

namespace Orchestrator.Node.ApiServer.Writes;

/// <summary>DELETE of an object and of a collection.</summary>
internal sealed class DeleteHandler(ApiServices services, ObjectWriter writer)
{
    public async Task HandleAsync(HttpContext http, RequestInfo request)
    {
        if (MustStay(request.Kind, request.Path.Name!))
        {
            throw new ApiException(ApiReason.Forbidden, "this namespace may not be deleted");
        }

        var options = await DeleteOptions.ReadAsync(http, request.Path).ConfigureAwait(false);
        var reply = await writer.TellAsync(http, request.Kind, Command(request.Kind.Key(request.Path.Namespace, request.Path.Name!), options, request.User), options.IsDryRun).ConfigureAwait(false);
        if (!reply.IsDeleted)
        {
            await ObjectAnswer.WriteAsync(http, request.Path.Served, reply.Object!, services.Time.GetUtcNow()).ConfigureAwait(false);
            return;
        }

        await StatusErrors.WriteJsonAsync(http, 200, StatusErrors.Success(request.Path, reply.Object!.Uid)).ConfigureAwait(false);
    }

    public async Task CollectionAsync(HttpContext http, RequestInfo request)
    {
        var options = await DeleteOptions.ReadAsync(http, request.Path).ConfigureAwait(false);
        var isChosen = Selection.Of(http, request.Path);
        var all = await services.Cache.SnapshotAsync(request.Kind, http.RequestAborted).ConfigureAwait(false);
        var chosen = all.Objects.In(request.Path.Namespace).Where(o => isChosen(o) && !MustStay(o.Kind, o.Name)).ToList();
        var deleted = options.IsDryRun ? chosen : await DeleteAllAsync(http, chosen.Select(o => Command(o.Key, options with { Uid = o.Uid }, request.User))).ConfigureAwait(false);
        await ObjectAnswer.WriteListAsync(http, request.Path.Served, new JsonObject { ["resourceVersion"] = all.Revision.ToString() }, deleted).ConfigureAwait(false);
    }

    private static DeleteObject Command(ObjectKey key, DeleteOptions options, UserInfo user) =>
        new(key, user, 0, options.GraceSeconds, options.Propagation, options.Uid, options.Revision);

    // Kubernetes, admission plugin NamespaceLifecycle.
    private static bool MustStay(ResourceDefinition kind, string name) => kind == NamespaceDefinition.Instance && name is ("default" or "kube-system" or "kube-public");

    // What is gone or made anew meanwhile is not this request's; any other refusal is its answer, once all were asked.
    private async Task<IReadOnlyList<KubeObject>> DeleteAllAsync(HttpContext http, IEnumerable<DeleteObject> commands)
    {
        var replies = await Task.WhenAll(commands.Select(c => services.Store.SendAsync(c, http.RequestAborted))).ConfigureAwait(false);
        return replies.FirstOrDefault(r => r.Error is { Reason: not (ApiReason.NotFound or ApiReason.Conflict) })?.Error is { } error
            ? throw new ApiException(error)
            : [.. replies.Select(r => r.Object).OfType<KubeObject>()];
    }
}
