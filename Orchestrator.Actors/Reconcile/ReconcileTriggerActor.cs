using Akka.Actor;
using k8s.Models;
using Orchestrator.Actors.Api;
using Orchestrator.Actors.Feed;

namespace Orchestrator.Actors.Entities;

/// <summary>Wakes the entities that act on their own: all of them when it starts, and after that those whose dependents changed.
/// It stands in for remembered entities: who must be awake is derived from the cache and stored nowhere else.</summary>
public sealed class WakerActor : ReceiveActor
{
    private readonly ObjectCache _cache;
    private readonly IReadOnlySet<string> _acting;
    private readonly Func<IActorRef> _region;
    private IDisposable? _feed;

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
        _feed = _cache.Listen(batch => self.Tell(batch));
        foreach (var kind in Kinds.All.Where(k => _acting.Contains(k.Resource)))
        {
            foreach (var item in _cache.Snapshot(kind).Objects.Values)
            {
                _region().Tell(new WakeObject(item.Key, item.Revision), ActorRefs.NoSender);
            }
        }
    }

    /// <inheritdoc/>
    protected override void PostStop() => _feed?.Dispose();

    private void OnBatch(FeedBatch batch)
    {
        var woken = new Dictionary<ObjectKey, long>();
        foreach (var (concern, revision) in Concerns(batch))
        {
            foreach (var key in Concerned(concern))
            {
                woken[key] = Math.Max(revision, woken.GetValueOrDefault(key));
            }
        }

        foreach (var (key, revision) in woken)
        {
            _region().Tell(new WakeObject(key, revision), ActorRefs.NoSender);
        }
    }

    // A batch holds many changes and few concerns: a thousand pods have one owner and one namespace.
    private static Dictionary<Concern, long> Concerns(FeedBatch batch)
    {
        var concerns = new Dictionary<Concern, long>();
        foreach (var change in batch.Changes)
        {
            Add(change.Object, change.Revision);
            if (change.Previous is { } before)
            {
                Add(before, change.Revision);
            }
        }

        return concerns;

        void Add(KubeObject version, long revision)
        {
            foreach (var owner in version.Owners)
            {
                concerns[new Concern(Relation.Owner, owner.Kind, version.Namespace, owner.Name)] = revision;
            }

            if (version.NodeName is { Length: > 0 } node)
            {
                concerns[new Concern(Relation.Home, "", "", node)] = revision;
            }

            if ((version.Kind == Kinds.Pod || version.Kind == Kinds.ReplicaSet) && version.Controller is null)
            {
                concerns[new Concern(Relation.Orphan, version.Kind.Kind, version.Namespace, "")] = revision;
            }

            if (version.Namespace.Length > 0)
            {
                concerns[new Concern(Relation.Content, "", version.Namespace, "")] = revision;
            }
        }
    }

    private IEnumerable<ObjectKey> Concerned(Concern concern)
    {
        switch (concern.Relation)
        {
            case Relation.Owner when Kinds.All.FirstOrDefault(k => k.Kind == concern.Kind) is { } kind && _acting.Contains(kind.Resource):
                yield return kind.Key(concern.Namespace, concern.Name);

                // A Deployment looks at pods too, through its ReplicaSets.
                if (kind == Kinds.ReplicaSet && _cache.Snapshot(kind).Find(concern.Namespace, concern.Name)?.Controller is { Kind: "Deployment" } top)
                {
                    yield return Kinds.Deployment.Key(concern.Namespace, top.Name);
                }

                break;
            case Relation.Home when _cache.Snapshot(Kinds.Node).Find("", concern.Name) is { } home && NeedsCare(home):
                // A node in order has nothing to do for its pods.
                yield return home.Key;
                break;
            case Relation.Orphan:
                foreach (var adopter in _cache.Indexed(IndexKey.Adopters(concern.Kind == Kinds.Pod.Kind ? Kinds.ReplicaSet : Kinds.Deployment, concern.Namespace)))
                {
                    yield return adopter.Key;
                }

                break;
            case Relation.Content when _acting.Contains(Kinds.Namespace.Resource)
                && _cache.Snapshot(Kinds.Namespace).Find("", concern.Namespace) is { IsDeleting: true } ns:
                yield return ns.Key;
                break;
        }
    }

    private static bool NeedsCare(KubeObject node) => node.As<V1Node>() is var n
        && (n.Spec?.Taints?.Any(t => t.Effect == "NoExecute") == true || n.Status?.Conditions?.Any(c => c.Type == "Ready" && c.Status != "True") == true);

    private enum Relation
    {
        Owner,
        Home,
        Orphan,
        Content,
    }

    private readonly record struct Concern(Relation Relation, string Kind, string Namespace, string Name);
}
