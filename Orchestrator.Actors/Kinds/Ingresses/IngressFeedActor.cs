using Akka.Actor;
using Orchestrator.Actors.Api;
using Orchestrator.Actors.Feed;
using Orchestrator.Actors.Kinds.IngressClasses;
using Orchestrator.Actors.Kinds.Secrets;
using Orchestrator.Actors.Resources;

namespace Orchestrator.Actors.Kinds.Ingresses;

/// <summary>Sends the Ingresses of the cluster's own classes, and the Secrets with their certificates and no others, to the agents that serve them: once whole, then what changes.</summary>
public sealed class IngressFeedActor : ReceiveActor
{
    private static readonly ResourceDefinition[] Kinds = [IngressDefinition.Instance, IngressClassDefinition.Instance, SecretDefinition.Instance];
    private readonly ObjectCache _cache;
    private readonly string _source;
    private readonly FeedFollowers<ObjectNews> _followers;
    private Dictionary<ObjectKey, KubeObject> _selected = [];
    private IDisposable? _feed;
    private long _revision;
    private bool _isLooking;

    /// <summary>Use <see cref="Props"/>.</summary>
    public IngressFeedActor(ObjectCache cache, string source)
    {
        (_cache, _source) = (cache, source);
        _followers = new FeedFollowers<ObjectNews>(source, version => ObjectNews.Of(source, version, _selected.Values));
        Receive<FeedBatch>(OnBatch);
        Receive<Look>(_ => OnLook());
        Receive<FollowIngresses>(follow => _followers.Answer(Context, follow.At));
        Receive<Terminated>(gone => _followers.Remove(gone.ActorRef));
    }

    /// <summary>Creates the actor's props.</summary>
    /// <param name="cache">The cache of Ingresses and what they name.</param>
    /// <param name="source">Name that no other feed has, also none before.</param>
    public static Props Props(ObjectCache cache, string source) => Akka.Actor.Props.Create(() => new IngressFeedActor(cache, source));

    /// <inheritdoc/>
    protected override void PreStart()
    {
        var self = Self;
        _feed = _cache.Listen(batch =>
        {
            if (batch.Changes.Any(c => Kinds.Contains(c.Object.Kind)))
            {
                self.Tell(batch);
            }
        });
        _selected = IngressSelection.Of(_cache).ToDictionary(o => o.Key);
    }

    /// <inheritdoc/>
    protected override void PostStop() => _feed?.Dispose();

    // Batches that are waiting already are looked at together.
    private void OnBatch(FeedBatch batch)
    {
        _revision = batch.Revision;
        if (!_isLooking && batch.Changes.Any(c => c.Object.Kind != SecretDefinition.Instance || IsNamed(c.Object)))
        {
            _isLooking = true;
            Self.Tell(Look.Instance);
        }
    }

    // Most Secrets are nobody's certificate.
    private bool IsNamed(KubeObject secret) => _cache.Indexed(IndexKey.Reference(secret.Key)).Any(o => o.Kind == IngressDefinition.Instance);

    private void OnLook()
    {
        _isLooking = false;
        var now = IngressSelection.Of(_cache).ToDictionary(o => o.Key);
        var changed = now.Values.Where(o => _selected.GetValueOrDefault(o.Key)?.Revision != o.Revision).ToList();
        var gone = _selected.Values.Where(o => !now.ContainsKey(o.Key)).Select(o => new GoneObject(o.Key, Math.Max(_revision, o.Revision + 1))).ToList();
        _selected = now;
        if (changed.Count > 0 || gone.Count > 0)
        {
            _followers.Tell((from, to) => new ObjectNews(_source, from, to, [.. changed], [.. gone]));
        }
    }

    private sealed record Look { public static readonly Look Instance = new(); }
}
