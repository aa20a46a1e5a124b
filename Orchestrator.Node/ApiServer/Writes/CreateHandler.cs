using System.Text.Json.Nodes;
using Orchestrator.Actors.Api;
using Orchestrator.Actors.Entities;
using Orchestrator.Actors.Kinds.Namespaces;
using Orchestrator.Node.ApiServer.Answers;
using Orchestrator.Node.ApiServer.Reads;
using Orchestrator.Node.ApiServer.Requests;

namespace Orchestrator.Node.ApiServer.Writes;

/// <summary>POST of a collection.</summary>
internal sealed class CreateHandler(ApiServices services, ObjectWriter writer)
{
    // With the suffix 63, which is the most that any name may have.
    private const int MaxPrefix = 58;

    public async Task HandleAsync(HttpContext http, RequestInfo request)
    {
        var (report, isDryRun) = (FieldReport.Of(http), Queries.IsDryRun(http));
        var o = Decoding.Object(await Decoding.ReadAsync(http, report.Duplicates).ConfigureAwait(false), request.Path, report);
        var meta = (JsonObject)o["metadata"]!;
        if (Name(o).Length == 0 && (string?)meta["generateName"] is { Length: > 0 } prefix)
        {
            // Before admission, whose rules are about the name.
            meta["name"] = prefix[..Math.Min(prefix.Length, MaxPrefix)] + services.Ids.NewSuffix();
        }

        var ns = request.Kind.Namespaced ? request.Path.Namespace ?? "default" : "";
        if (request.Kind.Namespaced)
        {
            meta["namespace"] = ns;
        }

        await Admission.CreateAsync(http, request.Kind, o, services.Cache, report).ConfigureAwait(false);
        GrantCheck.Check(request, o, services.Cache);
        ObjectSize.Check(request.Kind, o, null, http.Request.ContentLength);
        if (request.Kind.Namespaced)
        {
            await CheckHomeAsync(http, request.Path, ns, request.User, Name(o)).ConfigureAwait(false);
        }

        var reply = await writer.TellAsync(http, request.Kind, new CreateObject(request.Kind.Key(ns, Name(o)), o, request.User) { IsAdmitted = true }, isDryRun).ConfigureAwait(false);
        await ObjectAnswer.WriteAsync(http, request.Path.Served, reply.Object!, services.Time.GetUtcNow(), 201).ConfigureAwait(false);
    }

    private async Task CheckHomeAsync(HttpContext http, ResourcePath path, string ns, UserInfo user, string name)
    {
        // Only a namespace that the cache has not seen yet is asked for itself.
        var home = services.Cache.Snapshot(NamespaceDefinition.Instance).Find("", ns)
            ?? await services.Store.FindAsync(NamespaceDefinition.Instance.Key(null, ns), user, http.RequestAborted).ConfigureAwait(false)
            ?? throw new ApiException(ApiError.NotFound(NamespaceDefinition.Instance.Key(null, ns))) { Subject = new("", NamespaceDefinition.Instance.Plural, ns) };
        if (home.IsDeleting)
        {
            var why = $"unable to create new content in namespace {ns} because it is being terminated";
            throw new ApiException(new ApiError(ApiReason.Forbidden, $"{path.Kind.Resource} \"{name}\" is forbidden: {why}",
                [new ApiCause("metadata.namespace", "NamespaceTerminating", $"namespace {ns} is being terminated")]))
            { Subject = new(path.Kind.Group, path.Kind.Plural, name) };
        }
    }

    private static string Name(JsonObject o) => o["metadata"]!["name"]?.GetValue<string>() ?? "";
}
