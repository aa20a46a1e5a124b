using System.Collections.Immutable;
using System.Text.Json.Nodes;
using Orchestrator.Actors.Api;
using Orchestrator.Actors.Journal;
using Orchestrator.Actors.Resources;

namespace Orchestrator.Actors.Entities;

/// <summary>What the entity supplies to a decision.</summary>
/// <param name="Now">The current time.</param>
/// <param name="NewUid">The uid of the object if the command creates it.</param>
public sealed record DecideContext(DateTimeOffset Now, string NewUid)
{
    /// <summary>What admission may look up.</summary>
    public IAdmissionView View { get; init; } = NoObjects.Instance;
}

/// <summary>The outcome of a command: events to persist, an error, or neither if nothing changes.</summary>
/// <param name="Events">In order.</param>
/// <param name="Error">Why the command is rejected; null if it is accepted.</param>
public sealed record Decision(ImmutableArray<ObjectEvent> Events, ApiError? Error)
{
    /// <summary>Nothing to change.</summary>
    public static readonly Decision NoOp = new([], null);

    /// <summary>Accepts the command with events.</summary>
    public static Decision Accept(params ImmutableArray<ObjectEvent> events) => new(events, null);

    /// <summary>Rejects the command.</summary>
    public static Decision Reject(ApiError error) => new([], error);
}

/// <summary>Decides commands of every kind: optimistic concurrency, generation, finalizers and deletion. Pure.</summary>
public static class ObjectDecider
{
    /// <summary>Decides one command on the current state.</summary>
    public static Decision Decide(ResourceDefinition kind, KubeObject? state, ObjectCommand command, DecideContext context) => (state, command) switch
    {
        (_, GetObject or WakeObject) => state is null && command is GetObject ? Decision.Reject(ApiError.NotFound(command.Key)) : Decision.NoOp,
        (null, CreateObject c) => Create(kind, c, context),
        ({ IsDeleting: true }, CreateObject c) => Decision.Reject(new ApiError(ApiReason.AlreadyExists,
            $"object is being deleted: {c.Key.Resource} \"{c.Key.Name}\" already exists")),
        (_, CreateObject c) => Decision.Reject(ApiError.AlreadyExists(c.Key)),
        (null, ConfirmPodStopped) => Decision.NoOp,
        (null, _) => Decision.Reject(ApiError.NotFound(command.Key)),
        ({ } s, ReplaceObject c) => Replace(s, c, context),
        ({ } s, MergeObject c) => Merge(s, c, context),
        ({ } s, BindPod c) => Bind(s, c, context),
        ({ } s, DeleteObject c) => Delete(s, c, context),
        ({ } s, ConfirmPodStopped c) => Confirm(s, c, context),
        ({ } s, KindCommand c) => Own(s, c, context),
        _ => throw new InvalidOperationException($"No decision for {command.GetType().Name}."),
    };

    private static Decision Create(ResourceDefinition kind, CreateObject c, DecideContext context)
    {
        var node = JsonMerge.WithoutNulls((JsonObject)c.Object.DeepClone());
        node["apiVersion"] = kind.ApiVersion;
        node["kind"] = kind.Kind;
        var meta = JsonFilling.Child(node, "metadata");
        foreach (var system in (string[])["resourceVersion", "deletionTimestamp", "deletionGracePeriodSeconds", "selfLink", "generation"])
        {
            meta.Remove(system);
        }

        meta["name"] = c.Key.Name;
        if (kind.Namespaced)
        {
            meta["namespace"] = c.Key.Namespace;
        }

        meta["uid"] = context.NewUid;
        meta["creationTimestamp"] = KubeTime.Text(context.Now);
        KeepOwn(kind, [], node);
        if (kind.HasStatus)
        {
            meta["generation"] = 1;
            kind.Strategy.PrepareForCreate(node);
        }

        return Decision.Accept(Event(kind, "created", c, context, node));
    }

    private static Decision Replace(KubeObject s, ReplaceObject c, DecideContext context)
    {
        if (c.ExpectedRevision != 0 && c.ExpectedRevision != s.Revision)
        {
            return Decision.Reject(ApiError.Stale(c.Key));
        }

        if (c.Object["metadata"]?["uid"]?.GetValue<string>() is { Length: > 0 } uid && uid != s.Uid)
        {
            return Decision.Reject(ApiError.Conflict(c.Key, $"the uid in the request is {uid} but the object's is {s.Uid}"));
        }

        var before = s.ToNode();
        JsonObject after;
        if (c.Subresource == "status")
        {
            after = s.ToNode();
            after["status"] = c.Object["status"] is JsonObject status ? JsonMerge.WithoutNulls((JsonObject)status.DeepClone()) : [];

            // As in Kubernetes, whoever reports may note something, but not on objects of custom kinds.
            if (s.Kind.Model is not null && c.Object["metadata"]?["annotations"] is JsonObject annotations)
            {
                JsonFilling.Child(after, "metadata")["annotations"] = JsonMerge.WithoutNulls((JsonObject)annotations.DeepClone());
            }
        }
        else
        {
            after = JsonMerge.WithoutNulls((JsonObject)c.Object.DeepClone());
            if (s.Kind.HasStatus)
            {
                Copy(before, after, "status");
                s.Kind.Strategy.PrepareForUpdate(after);
            }

            (after["apiVersion"], after["kind"]) = (s.Kind.ApiVersion, s.Kind.Kind);
            var meta = JsonFilling.Child(after, "metadata");
            foreach (var system in (string[])["name", "namespace", "uid", "creationTimestamp", "generation", "resourceVersion", "deletionTimestamp", "deletionGracePeriodSeconds"])
            {
                Copy((JsonObject)before["metadata"]!, meta, system);
            }
        }

        KeepOwn(s.Kind, before, after);
        return Change(s, JsonMerge.Diff(before, after), c.Verb ?? (c.Subresource == "status" ? "status-updated" : "updated"), c, context, null, []);
    }

    private static Decision Merge(KubeObject s, MergeObject c, DecideContext context)
    {
        if (c.Uid.Length > 0 && c.Uid != s.Uid)
        {
            return Decision.Reject(ApiError.Conflict(c.Key, $"it is meant for uid {c.Uid} but the object's is {s.Uid}"));
        }

        if (c.ExpectedRevision != 0 && c.ExpectedRevision != s.Revision)
        {
            return Decision.Reject(ApiError.Stale(c.Key));
        }

        var before = s.ToNode();
        return Change(s, JsonMerge.Effective(before, StatusConditions.Merged(before, c.Patch)), c.Verb, c, context, c.Details, c.RecordedEvents.IsDefault ? [] : c.RecordedEvents);
    }

    private static Decision Bind(KubeObject s, BindPod c, DecideContext context)
    {
        if (c.Uid.Length > 0 && c.Uid != s.Uid)
        {
            return Decision.Reject(ApiError.Conflict(c.Key, $"it is meant for uid {c.Uid} but the pod's is {s.Uid}"));
        }

        if (s.NodeName is { Length: > 0 } bound)
        {
            return bound == c.Node
                ? Decision.NoOp
                : Decision.Reject(ApiError.Conflict(c.Key, $"pod {s.Name} is already assigned to node \"{bound}\""));
        }

        if (s.IsDeleting)
        {
            return Decision.Reject(ApiError.Conflict(c.Key, $"pod {s.Name} is being deleted, cannot be assigned to a host"));
        }

        var pod = s.ToNode();
        if (pod["spec"]?["schedulingGates"] is JsonArray { Count: > 0 })
        {
            return Decision.Reject(ApiError.Conflict(c.Key, $"pod {s.Name} has non-empty .spec.schedulingGates"));
        }

        var scheduled = new JsonObject { ["type"] = "PodScheduled", ["status"] = "True", ["lastTransitionTime"] = KubeTime.Text(context.Now) };
        var delta = new JsonObject
        {
            ["spec"] = new JsonObject { ["nodeName"] = c.Node },
            ["status"] = new JsonObject { ["conditions"] = new JsonArray(scheduled) },
        };
        return Change(s, StatusConditions.Merged(pod, delta), "scheduled", c, context, c.Scores,
            [new RecordedEvent("Normal", "Scheduled", $"Successfully assigned {s.Namespace}/{s.Name} to {c.Node}", "default-scheduler")]);
    }

    private static Decision Delete(KubeObject s, DeleteObject c, DecideContext context)
    {
        if (c.ExpectedUid is { Length: > 0 } uid && uid != s.Uid)
        {
            return Decision.Reject(ApiError.Conflict(c.Key, $"the UID in the precondition ({uid}) does not match the UID in record ({s.Uid}): the object was deleted and made anew"));
        }

        if (c.ExpectedRevision != 0 && c.ExpectedRevision != s.Revision)
        {
            return Decision.Reject(ApiError.Conflict(c.Key,
                $"the ResourceVersion in the precondition ({c.ExpectedRevision}) does not match the ResourceVersion in record ({s.Revision}); read the object again"));
        }

        var before = s.ToNode();
        var after = s.ToNode();
        var meta = JsonFilling.Child(after, "metadata");
        var grace = Math.Min(s.Kind.Strategy.GraceSeconds(s, c.GraceSeconds), Seconds.Most);
        var finalizers = s.Finalizers.ToList();
        if (!s.IsDeleting && c.Propagation is "Foreground" or "Orphan")
        {
            var wanted = c.Propagation == "Foreground" ? Finalizers.Foreground : Finalizers.Orphan;
            if (!finalizers.Contains(wanted))
            {
                finalizers.Add(wanted);
                meta["finalizers"] = new JsonArray([.. finalizers.Select(f => JsonValue.Create(f))]);
            }
        }

        if (grace == 0 && finalizers.Count == 0 && !s.Kind.Strategy.IsHeld(before, grace))
        {
            return Decision.Accept(Event(s.Kind, "deleted", c, context, null));
        }

        if (s.IsDeleting && (meta["deletionGracePeriodSeconds"].AsInt64() ?? 0) <= grace)
        {
            return Decision.NoOp;
        }

        meta["deletionTimestamp"] = KubeTime.Text(context.Now.AddSeconds(grace));
        meta["deletionGracePeriodSeconds"] = grace;
        s.Kind.Strategy.PrepareForDelete(after);
        return Change(s, JsonMerge.Diff(before, after), "deletion-requested", c, context, null, []);
    }

    // A pod that somebody's finalizer keeps has ended nevertheless, and nobody else says so.
    private static Decision Confirm(KubeObject s, ConfirmPodStopped c, DecideContext context) =>
        c.Uid != s.Uid || !s.IsDeleting ? Decision.NoOp
        : s.Finalizers.IsEmpty ? Decision.Accept(Event(s.Kind, "deleted", c, context, null))
        : s.Phase is "Succeeded" or "Failed" ? Decision.NoOp
        : Decision.Accept(Event(s.Kind, "reported", c, context, new JsonObject { ["status"] = new JsonObject { ["phase"] = "Failed" } }));

    private static Decision Own(KubeObject s, KindCommand c, DecideContext context)
    {
        var made = c.Decide(s, context);
        return made.Error is { } error ? Decision.Reject(error) : Change(s, made.Delta, made.Verb, c, context, null, []);
    }

    private static Decision Change(KubeObject s, JsonObject? delta, string verb, ObjectCommand c, DecideContext context,
        JsonObject? details, ImmutableArray<RecordedEvent> recordedEvents)
    {
        if (delta is null && recordedEvents.IsEmpty)
        {
            return Decision.NoOp;
        }

        if (s.Kind.HasStatus && delta?.Any(p => p.Key is not ("metadata" or "status")) == true)
        {
            JsonFilling.Child(delta, "metadata")["generation"] = s.Generation + 1;
        }

        var change = Event(s.Kind, verb, c, context, delta) with { Details = details, RecordedEvents = recordedEvents };
        return s.IsDeleting && IsFree(s, delta) ? Decision.Accept(change, Event(s.Kind, "deleted", c, context, null)) : Decision.Accept(change);
    }

    // Whether nothing blocks the deletion any more after the change.
    private static bool IsFree(KubeObject s, JsonObject? delta)
    {
        var after = JsonMerge.Apply(s.ToNode(), delta ?? []);
        return after["metadata"]!["finalizers"] is not JsonArray { Count: > 0 }
            && !s.Kind.Strategy.IsHeld(after, after["metadata"]!["deletionGracePeriodSeconds"].AsInt64() ?? 0);
    }

    private static ObjectEvent Event(ResourceDefinition kind, string verb, ObjectCommand c, DecideContext context, JsonObject? delta) =>
        new($"{kind.QualifiedSingular}.{verb}.1", context.Now, c.By, c.Cause, delta);

    // The annotations that only the kind's own commands write stay as they are.
    private static void KeepOwn(ResourceDefinition kind, JsonObject before, JsonObject after)
    {
        if (kind.OwnAnnotations is not { } prefix)
        {
            return;
        }

        var (kept, given) = (OwnAnnotations(before, prefix), after["metadata"]?["annotations"] as JsonObject);
        foreach (var name in OwnAnnotations(after, prefix).Select(a => a.Key))
        {
            given!.Remove(name);
        }

        foreach (var (name, value) in kept)
        {
            JsonFilling.Child(JsonFilling.Child(after, "metadata"), "annotations")[name] = value!.DeepClone();
        }
    }

    private static List<KeyValuePair<string, JsonNode?>> OwnAnnotations(JsonObject o, string prefix) =>
        [.. (o["metadata"]?["annotations"] as JsonObject ?? []).Where(a => a.Key.StartsWith(prefix, StringComparison.Ordinal))];

    private static void Copy(JsonObject from, JsonObject to, string name)
    {
        if (from[name] is { } value)
        {
            to[name] = value.DeepClone();
        }
        else
        {
            to.Remove(name);
        }
    }
}
