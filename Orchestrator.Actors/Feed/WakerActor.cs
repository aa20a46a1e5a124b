using Akka.Actor;
using k8s.Models;
using Orchestrator.Actors.Api;
using Orchestrator.Actors.Entities;

namespace Orchestrator.Actors.Feed;

/// <summary>Wakes the entities that act on their own: all of them when it starts, and after that those whose dependents changed.
/// It stands in for remembered entities: who must be awake is derived from the cache and stored nowhere else.</summary>
public sealed class WakerActor : ReceiveActor
{
    private readonly ObjectCache _cache;
    private readonly IReadOnlySet<string> _acting;
    private readonly Func<IActorRef> _region;

    /// <summary>Use <see cref="Props"/>.</summary>
    public WakerActor(ObjectCache cache, IReadOnlySet<string> acting, Func<IActorRef> region)
    {
        _cache = cache;
        _acting = acting;
        _region = region;
        Receive<FeedBatch>(OnBatch);
    }

    /// <summary>The recipe.</summary>
    public static Props Props(ObjectCache cache, IReadOnlySet<string> acting, Func<IActorRef> region) =>
        Akka.Actor.Props.Create(() => new WakerActor(cache, acting, region));

    /// <inheritdoc/>
    protected override void PreStart()
    {
        var self = Self;
        _cache.Listen(batch => self.Tell(batch));
        foreach (var kind in Kinds.All.Where(k => _acting.Contains(k.Resource)))
        {
            foreach (var item in _cache.Snapshot(kind).Objects.Values)
            {
                _region().Tell(new WakeObject(item.Key, item.Revision), ActorRefs.NoSender);
            }
        }
    }

    private void OnBatch(FeedBatch batch)
    {
        var woken = new Dictionary<ObjectKey, long>();
        foreach (var change in batch.Changes)
        {
            foreach (var key in Concerned(change))
            {
                woken[key] = change.Revision;
            }
        }

        foreach (var (key, revision) in woken)
        {
            _region().Tell(new WakeObject(key, revision), ActorRefs.NoSender);
        }
    }

    private IEnumerable<ObjectKey> Concerned(ObjectChange change)
    {
        foreach (var version in (KubeObject?[])[change.Object, change.Previous])
        {
            if (version is null)
            {
                continue;
            }

            foreach (var owner in version.Owners)
            {
                if (Kinds.All.FirstOrDefault(k => k.Kind == owner.Kind) is { } kind && _acting.Contains(kind.Resource))
                {
                    yield return kind.Key(version.Namespace, owner.Name);

                    // A Deployment looks at pods too, through its ReplicaSets.
                    if (kind == Kinds.ReplicaSet && _cache.Snapshot(kind).Find(version.Namespace, owner.Name)?.Controller is { Kind: "Deployment" } top)
                    {
                        yield return Kinds.Deployment.Key(version.Namespace, top.Name);
                    }
                }
            }

            // A node in order has nothing to do for its pods.
            if (version.NodeName is { Length: > 0 } node && _cache.Snapshot(Kinds.Node).Find("", node) is { } home && NeedsCare(home))
            {
                yield return home.Key;
            }

            if (version.Kind == Kinds.Pod && version.Controller is null)
            {
                foreach (var rs in _cache.Snapshot(Kinds.ReplicaSet).Objects.Values.Where(r => r.Namespace == version.Namespace))
                {
                    yield return rs.Key;
                }
            }

            if (version.Namespace.Length > 0 && _acting.Contains(Kinds.Namespace.Resource)
                && _cache.Snapshot(Kinds.Namespace).Find("", version.Namespace) is { IsDeleting: true } ns)
            {
                yield return ns.Key;
            }
        }
    }

    private static bool NeedsCare(KubeObject node) => node.As<V1Node>() is var n
        && (n.Spec?.Taints?.Any(t => t.Effect == "NoExecute") == true || n.Status?.Conditions?.Any(c => c.Type == "Ready" && c.Status != "True") == true);
}
