using Akka.Actor;
using Orchestrator.Actors.Api;
using Orchestrator.Actors.Feed;
using Orchestrator.Actors.Kinds.EndpointSlices;
using Orchestrator.Actors.Kinds.Nodes;
using Orchestrator.Actors.Resources;

namespace Orchestrator.Actors.Kinds.Services;

/// <summary>Sends services and their endpoints, and the nodes, to the agents of all nodes, for their packet rules and routes: once whole, then what changes. Whoever has missed a version gets what it missed, or the whole again (<see cref="FeedFollowers{T}"/>).</summary>
public sealed class ServiceFeedActor : ReceiveActor
{
    private static readonly ResourceDefinition[] Kinds = [NodeDefinition.Instance, ServiceDefinition.Instance, EndpointSliceDefinition.Instance];
    private readonly ObjectCache _cache;
    private readonly string _source;
    private readonly FeedFollowers<ObjectNews> _followers;
    private IDisposable? _feed;

    /// <summary>Use <see cref="Props"/>.</summary>
    public ServiceFeedActor(ObjectCache cache, string source)
    {
        (_cache, _source) = (cache, source);
        _followers = new FeedFollowers<ObjectNews>(source, version => ObjectNews.Of(source, version, Kinds.SelectMany(k => cache.Snapshot(k).Objects)));
        Receive<FeedBatch>(OnBatch);
        Receive<FollowServices>(follow => _followers.Answer(Context, follow.At));
        Receive<Terminated>(gone => _followers.Remove(gone.ActorRef));
    }

    /// <summary>Creates the actor's props.</summary>
    /// <param name="cache">The cache of services and slices.</param>
    /// <param name="source">Name that no other feed has, also none before.</param>
    public static Props Props(ObjectCache cache, string source) => Akka.Actor.Props.Create(() => new ServiceFeedActor(cache, source));

    /// <inheritdoc/>
    protected override void PreStart()
    {
        var self = Self;
        _feed = _cache.Listen(batch =>
        {
            if (batch.Changes.Any(c => IsOf(c.Object)))
            {
                self.Tell(batch);
            }
        });
    }

    /// <inheritdoc/>
    protected override void PostStop() => _feed?.Dispose();

    private static bool IsOf(KubeObject o) => Kinds.Contains(o.Kind);

    private void OnBatch(FeedBatch batch)
    {
        // The newest state of each; a whole copy may have been sent with it already, which does no harm.
        var last = batch.Changes.Where(c => IsOf(c.Object)).GroupBy(c => c.Object.Key).Select(g => g.Last()).ToList();
        _followers.Tell((from, to) => new ObjectNews(_source, from, to, [.. last.Where(c => c.Type != "DELETED").Select(c => c.Object)], [.. last.Where(c => c.Type == "DELETED").Select(c => new GoneObject(c.Object.Key, c.Revision))]));
    }
}
