using System.Text.Json.Nodes;
using Orchestrator.Actors.Api;
using Orchestrator.Actors.Entities;
using Orchestrator.Actors.Kinds.Namespaces;
using Orchestrator.Actors.Resources;
using Orchestrator.Node.ApiServer.Answers;
using Orchestrator.Node.ApiServer.Requests;

namespace Orchestrator.Node.ApiServer.Writes;

/// <summary>DELETE of an object and of a collection, and the eviction of a pod.</summary>
internal sealed class DeleteHandler(ApiServices services, ObjectWriter writer)
{
    public async Task HandleAsync(HttpContext http, ResourcePath path, UserInfo user)
    {
        if (MustStay(path.Kind, path.Name!))
        {
            throw new ApiException(ApiReason.Forbidden, "this namespace may not be deleted");
        }

        var options = await DeleteOptions.ReadAsync(http, path).ConfigureAwait(false);
        var reply = await writer.TellAsync(http, path.Kind, Command(path.Kind.Key(path.Namespace, path.Name!), options, user), options.IsDryRun).ConfigureAwait(false);
        if (path.Subresource.Length == 0 && !reply.IsDeleted)
        {
            await ObjectAnswer.WriteAsync(http, path.Served, reply.Object!, services.Time.GetUtcNow()).ConfigureAwait(false);
            return;
        }

        await StatusErrors.WriteJsonAsync(http, path.Subresource.Length == 0 ? 200 : 201, StatusErrors.Success(path, reply.Object!.Uid)).ConfigureAwait(false);
    }

    public async Task CollectionAsync(HttpContext http, ResourcePath path, UserInfo user)
    {
        var options = await DeleteOptions.ReadAsync(http, path).ConfigureAwait(false);
        var isChosen = Selection.Of(http, path);
        var all = await services.Cache.SnapshotAsync(path.Kind, http.RequestAborted).ConfigureAwait(false);
        var chosen = all.Objects.Values.Where(o => isChosen(o) && !MustStay(o.Kind, o.Name)).ToList();
        var deleted = options.IsDryRun ? chosen : await DeleteAllAsync(http, chosen.Select(o => Command(o.Key, options with { Uid = o.Uid }, user))).ConfigureAwait(false);
        await ObjectAnswer.WriteListAsync(http, path.Served, new JsonObject { ["resourceVersion"] = all.Revision.ToString() }, deleted).ConfigureAwait(false);
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
