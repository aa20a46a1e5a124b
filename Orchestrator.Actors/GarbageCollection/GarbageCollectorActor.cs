using System.Text.Json.Nodes;
using Akka.Actor;
using k8s;
using k8s.Models;
using Orchestrator.Actors.Api;
using Orchestrator.Actors.Entities;
using Orchestrator.Actors.Feed;

namespace Orchestrator.Actors.GarbageCollection;

/// <summary>The singleton that follows ownership: an owner that went takes its dependents with it, as its deletion's policy says.</summary>
public sealed class GarbageCollectorActor : ReceiveActor
{
    private const string By = "system:garbage-collector";
    private readonly ObjectCache _cache;
    private readonly Func<IActorRef> _region;

    /// <summary>Use <see cref="Props"/>.</summary>
    public GarbageCollectorActor(ObjectCache cache, Func<IActorRef> region)
    {
        _cache = cache;
        _region = region;
        Receive<FeedBatch>(batch =>
        {
            foreach (var change in batch.Changes)
            {
                Follow(change);
            }
        });
    }

    /// <summary>The recipe.</summary>
    public static Props Props(ObjectCache cache, Func<IActorRef> region) => Akka.Actor.Props.Create(() => new GarbageCollectorActor(cache, region));

    /// <inheritdoc/>
    protected override void PreStart()
    {
        var self = Self;
        _cache.Listen(batch => self.Tell(batch));

        // What happened while no collector ran shows in the state itself.
        var all = Kinds.All.Where(k => k != Kinds.Event).SelectMany(k => _cache.Snapshot(k).Objects.Values).ToList();
        var alive = all.Select(o => o.Uid).ToHashSet();
        foreach (var item in all)
        {
            if (item.IsDeleting)
            {
                Collect(item, item.Revision);
            }
            else if (item.Owners.Length > 0 && item.Owners.All(o => !alive.Contains(o.Uid)))
            {
                Send(new DeleteObject(item.Key, By, item.Revision, ExpectedUid: item.Uid));
            }
        }
    }

    private void Follow(ObjectChange change)
    {
        if (change.Object.Kind == Kinds.Event)
        {
            return;
        }

        if (change.Type == "DELETED" || change.Object.IsDeleting)
        {
            Collect(change.Object, change.Revision);
        }

        // A dependent that went or let go can be the last that a foreground deletion waits for.
        foreach (var owner in change.Previous?.Owners ?? [])
        {
            if (Kinds.All.FirstOrDefault(k => k.Kind == owner.Kind) is { } kind
                && _cache.Snapshot(kind).Find(kind.Namespaced ? change.Object.Namespace : "", owner.Name) is { IsDeleting: true } waiting
                && waiting.Uid == owner.Uid)
            {
                Collect(waiting, change.Revision);
            }
        }
    }

    private void Collect(KubeObject owner, long cause)
    {
        var subject = Seen(owner);
        var policy = GarbageCollector.PolicyOf(subject.Metadata);
        if (policy == PropagationPolicy.Background && _cache.Snapshot(owner.Kind).Find(owner.Namespace, owner.Name)?.Uid == owner.Uid)
        {
            return;
        }

        foreach (var action in GarbageCollector.Plan(subject, policy, [.. _cache.Indexed(IndexKey.Owner(owner.Uid)).Select(Seen)]))
        {
            Send(Command(action, cause));
        }
    }

    private static ObjectCommand Command(GarbageAction action, long cause) => action switch
    {
        GarbageAction.Delete d => new DeleteObject(Key(d.Target), By, cause, Propagation: d.Policy.ToString(), ExpectedUid: d.Target.Metadata.Uid),
        GarbageAction.RemoveOwners r => Meta(r.Target, "ownerReferences", r.Target.Metadata.OwnerReferences.Where(o => !r.OwnerUids.Contains(o.Uid)).ToList(), "orphaned", cause),
        GarbageAction.Unblock u => Meta(u.Target, "ownerReferences", u.Target.Metadata.OwnerReferences.Select(o => Unblocked(o, u.OwnerUids)).ToList(), "unblocked", cause),
        GarbageAction.RemoveFinalizer f => Meta(f.Target, "finalizers", f.Target.Metadata.Finalizers.Where(x => x != f.Finalizer).ToList(), "finalized", cause),
        _ => throw new InvalidOperationException($"No command for {action.GetType().Name}."),
    };

    private static V1OwnerReference Unblocked(V1OwnerReference o, IReadOnlyList<string> uids) => new()
    {
        ApiVersion = o.ApiVersion,
        Kind = o.Kind,
        Name = o.Name,
        Uid = o.Uid,
        Controller = o.Controller,
        BlockOwnerDeletion = !uids.Contains(o.Uid) && o.BlockOwnerDeletion == true,
    };

    private static MergeObject Meta<T>(GarbageObject target, string field, List<T> left, string verb, long cause) => new(
        Key(target), target.Metadata.Uid,
        new JsonObject { ["metadata"] = new JsonObject { [field] = left.Count == 0 ? null : JsonNode.Parse(KubernetesJson.Serialize(left)) } },
        verb, By, cause);

    private static ObjectKey Key(GarbageObject o) => Kinds.ByKind(o.ApiVersion, o.Kind)!.Key(o.Metadata.NamespaceProperty, o.Metadata.Name);

    private static GarbageObject Seen(KubeObject o) =>
        new(o.Kind.ApiVersion, o.Kind.Kind, KubernetesJson.Deserialize<V1ObjectMeta>(o.ToNode()["metadata"]!.ToJsonString()));

    private void Send(ObjectCommand command) => _region().Tell(command, ActorRefs.NoSender);
}
