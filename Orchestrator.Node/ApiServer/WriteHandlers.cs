using System.Globalization;
using System.Text.Json.Nodes;
using Orchestrator.Actors.Api;
using Orchestrator.Actors.Api.Patches;
using Orchestrator.Actors.Entities;
using Orchestrator.Node.ApiServer.Validation;

namespace Orchestrator.Node.ApiServer;

/// <summary>create, update, patch, delete and the subresources that write.</summary>
internal sealed class WriteHandlers(ApiServices services)
{
    private const int Attempts = 5;

    public async Task CreateAsync(HttpContext http, ResourcePath path, string user)
    {
        var (report, isDryRun) = (FieldReport.Of(http), Queries.IsDryRun(http));
        Decoding.CheckType(http.Request.ContentType);
        var body = await Decoding.BodyAsync(http).ConfigureAwait(false);
        var o = Decoding.Object(Decoding.Parse(body, http.Request.ContentType, report.Duplicates), path, mayGenerateName: true, report);
        Workloads.Default(path.Kind, o);
        var ns = path.Kind.Namespaced ? path.Namespace ?? "default" : "";
        if (path.Kind.Namespaced)
        {
            // Only a namespace that the cache has not seen yet is asked for itself.
            var home = services.Cache.Snapshot(Kinds.Namespace).Find("", ns)
                ?? (await services.Store.SendAsync(new GetObject(Kinds.Namespace.Key(null, ns), user), http.RequestAborted).ConfigureAwait(false)).Object
                ?? throw new ApiException(ApiError.NotFound(Kinds.Namespace.Key(null, ns))) { Subject = new("", Kinds.Namespace.Plural, ns) };
            if (home.IsDeleting)
            {
                var why = $"unable to create new content in namespace {ns} because it is being terminated";
                throw new ApiException(new ApiError(ApiReason.Forbidden, $"{path.Kind.Resource} \"{Name(o)}\" is forbidden: {why}",
                    [new ApiCause("metadata.namespace", "NamespaceTerminating", $"namespace {ns} is being terminated")]))
                { Subject = new(path.Kind.Group, path.Kind.Plural, Name(o)) };
            }
        }

        var name = Name(o) is { Length: > 0 } given ? given : o["metadata"]!["generateName"]!.GetValue<string>() + services.Ids.NewSuffix();
        var reply = await TellAsync(http, path.Kind, new CreateObject(path.Kind.Key(ns, name), o, user), isDryRun).ConfigureAwait(false);
        await new ReadHandlers(services).WriteAsync(http, path.Kind, reply.Object!, 201).ConfigureAwait(false);
    }

    public async Task ReplaceAsync(HttpContext http, ResourcePath path, string user)
    {
        var report = FieldReport.Of(http);
        Decoding.CheckType(http.Request.ContentType);
        var body = await Decoding.BodyAsync(http).ConfigureAwait(false);
        var o = Decoding.Object(Decoding.Parse(body, http.Request.ContentType, report.Duplicates), path, mayGenerateName: false, report);
        if (o["metadata"]!["name"]!.GetValue<string>() != path.Name)
        {
            throw new ApiException(ApiReason.BadRequest, "the name of the object does not match the name on the URL");
        }

        Workloads.Default(path.Kind, o);
        var current = await CurrentAsync(http, path, user).ConfigureAwait(false);
        Immutable.Check(current, o, path.Subresource);
        await StoreAsync(http, path, user, o, Revision(o)).ConfigureAwait(false);
    }

    /// <summary>Takes over spec.finalizers alone.</summary>
    public async Task FinalizeAsync(HttpContext http, ResourcePath path, string user)
    {
        Decoding.CheckType(http.Request.ContentType);
        var body = Decoding.Parse(await Decoding.BodyAsync(http).ConfigureAwait(false), http.Request.ContentType) as JsonObject;
        var o = (await CurrentAsync(http, path, user).ConfigureAwait(false)).ToNode();
        o["spec"] = new JsonObject { ["finalizers"] = body?["spec"]?["finalizers"]?.DeepClone() };
        var command = new ReplaceObject(path.Kind.Key(null, path.Name!), o, "", Revision(body), user, Verb: "finalized");
        var reply = await TellAsync(http, path.Kind, command, Queries.IsDryRun(http)).ConfigureAwait(false);
        await new ReadHandlers(services).WriteAsync(http, path.Kind, reply.Object!).ConfigureAwait(false);
    }

    public async Task PatchAsync(HttpContext http, ResourcePath path, string user)
    {
        var report = FieldReport.Of(http);
        var type = http.Request.ContentType?.Split(';')[0].Trim();
        CheckPatchType(type);
        var body = await Decoding.BodyAsync(http).ConfigureAwait(false);
        var patch = Decoding.Parse(body, type, report.Duplicates);
        for (var attempt = 1; ; attempt++)
        {
            var current = await CurrentAsync(http, path, user).ConfigureAwait(false);
            var patched = Decoding.Object(Patch(type, current.ToNode(), patch), path, mayGenerateName: false, report);
            Workloads.Default(path.Kind, patched);
            Immutable.Check(current, patched, path.Subresource);
            try
            {
                // The patch names a version only if its writer wants to lose against others.
                var wanted = patch is JsonObject p && Revision(p) is > 0 and var asked ? asked : current.Revision;
                await StoreAsync(http, path, user, patched, wanted).ConfigureAwait(false);
                return;
            }
            catch (ApiException e) when (e.Error.Reason == ApiReason.Conflict && attempt < Attempts && (patch is not JsonObject p || Revision(p) == 0))
            {
                // Someone wrote in between: patch what they wrote.
            }
        }
    }

    public async Task DeleteAsync(HttpContext http, ResourcePath path, string user)
    {
        if (MustStay(path.Kind, path.Name!))
        {
            throw new ApiException(ApiReason.Forbidden, "this namespace may not be deleted");
        }

        var (command, isDryRun) = await DeletionAsync(http, path, user).ConfigureAwait(false);
        var reply = await TellAsync(http, path.Kind, command, isDryRun).ConfigureAwait(false);
        if (path.Subresource.Length == 0 && !reply.IsDeleted)
        {
            await new ReadHandlers(services).WriteAsync(http, path.Kind, reply.Object!).ConfigureAwait(false);
            return;
        }

        await StatusErrors.WriteJsonAsync(http, path.Subresource.Length == 0 ? 200 : 201, Success(path, reply.Object!.Uid)).ConfigureAwait(false);
    }

    public async Task DeleteCollectionAsync(HttpContext http, ResourcePath path, string user)
    {
        var (prototype, isDryRun) = await DeletionAsync(http, path with { Name = "" }, user).ConfigureAwait(false);
        var isChosen = ReadHandlers.Filter(http, path);
        var all = await services.Cache.SnapshotAsync(path.Kind, http.RequestAborted).ConfigureAwait(false);
        var chosen = all.Objects.Values.Where(o => isChosen(o) && !MustStay(o.Kind, o.Name)).ToList();
        var deleted = isDryRun ? chosen : await DeleteAllAsync(http, prototype, chosen).ConfigureAwait(false);
        await ReadHandlers.WriteListAsync(http, path.Kind, new JsonObject { ["resourceVersion"] = all.Revision.ToString() }, deleted).ConfigureAwait(false);
    }

    // Kubernetes, admission plugin NamespaceLifecycle.
    private static bool MustStay(KindInfo kind, string name) => kind == Kinds.Namespace && name is ("default" or "kube-system" or "kube-public");

    // What is gone or made anew meanwhile is not this request's; any other refusal is its answer, once all were asked.
    private async Task<IReadOnlyList<KubeObject>> DeleteAllAsync(HttpContext http, DeleteObject prototype, IEnumerable<KubeObject> chosen)
    {
        var replies = await Task.WhenAll(chosen.Select(o => services.Store.SendAsync(prototype with { Key = o.Key, ExpectedUid = o.Uid }, http.RequestAborted))).ConfigureAwait(false);
        return replies.FirstOrDefault(r => r.Error is { Reason: not (ApiReason.NotFound or ApiReason.Conflict) })?.Error is { } error
            ? throw new ApiException(error)
            : [.. replies.Select(r => r.Object).OfType<KubeObject>()];
    }

    public async Task BindAsync(HttpContext http, ResourcePath path, string user)
    {
        var body = Decoding.Parse(await Decoding.BodyAsync(http).ConfigureAwait(false), http.Request.ContentType);
        var node = body?["target"]?["name"]?.GetValue<string>()
            ?? throw new ApiException(ApiReason.BadRequest, "target.name is required: the node to bind the pod to");
        var command = new BindPod(path.Kind.Key(path.Namespace, path.Name!), body["metadata"]?["uid"]?.GetValue<string>() ?? "", node, user);
        var reply = await TellAsync(http, path.Kind, command, Queries.IsDryRun(http)).ConfigureAwait(false);
        await StatusErrors.WriteJsonAsync(http, 201, Success(path, reply.Object!.Uid)).ConfigureAwait(false);
    }

    public async Task GetScaleAsync(HttpContext http, ResourcePath path) =>
        await StatusErrors.WriteJsonAsync(http, 200, Scale(await CurrentAsync(http, path, "system:apiserver").ConfigureAwait(false))).ConfigureAwait(false);

    public async Task ScaleAsync(HttpContext http, ResourcePath path, string user)
    {
        if (http.Request.Method == "PATCH")
        {
            CheckPatchType(http.Request.ContentType?.Split(';')[0].Trim());
        }
        else
        {
            Decoding.CheckType(http.Request.ContentType);
        }

        var body = Decoding.Parse(await Decoding.BodyAsync(http).ConfigureAwait(false), http.Request.ContentType);
        var current = await CurrentAsync(http, path, user).ConfigureAwait(false);
        var scale = http.Request.Method == "PATCH" ? Patch(http.Request.ContentType?.Split(';')[0], Scale(current), body) : body as JsonObject;
        var replicas = scale?["spec"]?["replicas"].AsInt64() ?? 0; // Clients leave a zero out.
        if (scale is null || replicas is < 0 or > int.MaxValue)
        {
            var causes = new Causes();
            causes.Invalid("spec.replicas", replicas, "must be greater than or equal to 0");
            throw Decoding.Refused(Subresources.DocumentOf(path.Kind, "scale"), path.Name, causes.All);
        }

        var o = current.ToNode();
        o["spec"]!["replicas"] = replicas;
        var command = new ReplaceObject(current.Key, o, "", Revision(scale), user, Verb: "scaled");
        var reply = await TellAsync(http, path.Kind, command, Queries.IsDryRun(http)).ConfigureAwait(false);
        await StatusErrors.WriteJsonAsync(http, 200, Scale(reply.Object!)).ConfigureAwait(false);
    }

    private static void CheckPatchType(string? type)
    {
        if (type is not ("application/merge-patch+json" or "application/strategic-merge-patch+json" or "application/json-patch+json"))
        {
            throw new ApiException(ApiReason.UnsupportedMediaType, "the body of the request was in an unknown format - accepted media types include: "
                + "application/json-patch+json, application/merge-patch+json, application/strategic-merge-patch+json");
        }
    }

    private static JsonObject Patch(string? type, JsonObject target, JsonNode? patch) => (type, patch) switch
    {
        ("application/merge-patch+json", JsonObject p) => JsonMerge.Apply(target, p),
        ("application/strategic-merge-patch+json", JsonObject p) => StrategicMergePatch.Apply(target, p),
        ("application/json-patch+json", JsonArray p) => JsonPatch.Apply(target, p) switch
        {
            ({ } result, _) => result,
            (_, var error) => throw new ApiException(ApiReason.Invalid, $"the patch does not apply: {error}"),
        },
        ("application/merge-patch+json" or "application/strategic-merge-patch+json" or "application/json-patch+json", _) =>
            throw new ApiException(ApiReason.BadRequest, "a JSON patch is an array of operations; a merge patch is an object"),
        _ => throw new ApiException(ApiReason.BadRequest, "the patch cannot be applied"),
    };

    private static JsonObject Scale(KubeObject o)
    {
        var node = o.ToNode();
        return new JsonObject
        {
            ["kind"] = "Scale",
            ["apiVersion"] = "autoscaling/v1",
            ["metadata"] = new JsonObject
            {
                ["name"] = o.Name,
                ["namespace"] = o.Namespace,
                ["uid"] = o.Uid,
                ["resourceVersion"] = o.Revision.ToString(CultureInfo.InvariantCulture),
            },
            ["spec"] = new JsonObject { ["replicas"] = node["spec"]?["replicas"].AsInt64() ?? 1 },
            ["status"] = new JsonObject
            {
                ["replicas"] = node["status"]?["replicas"].AsInt64() ?? 0,
                ["selector"] = string.Join(",", (node["spec"]?["selector"]?["matchLabels"] as JsonObject ?? []).Select(p => $"{p.Key}={p.Value}")),
            },
        };
    }

    private static async Task<(DeleteObject Command, bool IsDryRun)> DeletionAsync(HttpContext http, ResourcePath path, string user)
    {
        var body = await Decoding.BodyAsync(http).ConfigureAwait(false);
        var options = body.Length == 0 ? [] : Decoding.Parse(body, http.Request.ContentType) as JsonObject ?? [];
        options = options["deleteOptions"] as JsonObject ?? options;
        var query = http.Request.Query;
        var grace = options["gracePeriodSeconds"].AsInt64() ?? (long.TryParse(query["gracePeriodSeconds"], out var seconds) ? seconds : null);
        var propagation = options["propagationPolicy"]?.GetValue<string>()
            ?? (query["propagationPolicy"].ToString() is { Length: > 0 } q ? q : options["orphanDependents"]?.GetValue<bool>() == true ? "Orphan" : "Background");
        if (propagation is not ("Background" or "Foreground" or "Orphan"))
        {
            throw Queries.Option(http, "propagationPolicy", propagation, "\"Background\", \"Foreground\", \"Orphan\"");
        }

        var command = new DeleteObject(path.Kind.Key(path.Namespace, path.Name ?? ""), user, 0, grace, propagation,
            options["preconditions"]?["uid"]?.GetValue<string>(),
            long.TryParse(options["preconditions"]?["resourceVersion"]?.GetValue<string>(), out var rv) ? rv : 0);
        return (command, Queries.IsDryRun(http, options["dryRun"]));
    }

    private static JsonObject Success(ResourcePath path, string uid) => new()
    {
        ["kind"] = "Status",
        ["apiVersion"] = "v1",
        ["metadata"] = new JsonObject(),
        ["status"] = "Success",
        ["details"] = new JsonObject { ["name"] = path.Name, ["group"] = path.Kind.Group, ["kind"] = path.Kind.Plural, ["uid"] = uid },
    };

    private static long Revision(JsonObject? o)
    {
        var text = o?["metadata"]?["resourceVersion"]?.GetValue<string>();
        return text is null or "" ? 0 : long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var revision)
            ? revision
            : throw new ApiException(ApiReason.BadRequest, $"metadata.resourceVersion: Invalid value: \"{text}\": use the one that a read returned, or none");
    }

    private static CommandReply Checked(CommandReply reply) => reply.Error is null ? reply : throw new ApiException(reply.Error);

    private async Task<KubeObject> CurrentAsync(HttpContext http, ResourcePath path, string user) =>
        Checked(await services.Store.SendAsync(new GetObject(path.Kind.Key(path.Namespace, path.Name!), user), http.RequestAborted).ConfigureAwait(false)).Object!;

    private async Task StoreAsync(HttpContext http, ResourcePath path, string user, JsonObject o, long expected)
    {
        var command = new ReplaceObject(path.Kind.Key(path.Namespace, path.Name!), o, path.Subresource, expected, user);
        var reply = await TellAsync(http, path.Kind, command, Queries.IsDryRun(http)).ConfigureAwait(false);
        await new ReadHandlers(services).WriteAsync(http, path.Kind, reply.Object!).ConfigureAwait(false);
    }

    private static string Name(JsonObject o) => o["metadata"]!["name"]?.GetValue<string>() ?? "";

    // A dry run takes the entity's decision on the object as it is, and tells nobody.
    private async Task<CommandReply> TellAsync(HttpContext http, KindInfo kind, ObjectCommand command, bool isDryRun)
    {
        var now = !isDryRun ? null : (await services.Store.SendAsync(new GetObject(command.Key, command.By), http.RequestAborted).ConfigureAwait(false)).Object;
        var reply = isDryRun
            ? DryRun.Reply(kind, now, command, new DecideContext(services.Time.GetUtcNow(), services.Ids.NewUid()))
            : await services.Store.SendAsync(command, http.RequestAborted).ConfigureAwait(false);
        return reply.Error is null ? reply : throw new ApiException(reply.Error) { Subject = new(kind.Group, kind.Plural, command.Key.Name) };
    }
}
