using Akka.Actor;
using Orchestrator.Actors.Api;
using Orchestrator.Actors.Feed;
using Orchestrator.Actors.Kinds.EndpointSlices;
using Orchestrator.Actors.Kinds.Nodes;
using Orchestrator.Actors.Resources;

namespace Orchestrator.Actors.Kinds.Services;

/// <summary>Sends services and their endpoints, and the nodes, to the agents of all nodes, for their packet rules and routes: once whole, then what changes. Whoever has missed a version gets the whole again.</summary>
public sealed class ServiceFeedActor : ReceiveActor
{
    /// <summary>Size of what one message carries; bytes of JSON.</summary>
    internal const int MessageSize = 1 << 20;

    private readonly ObjectCache _cache;
    private readonly string _source;
    private readonly HashSet<IActorRef> _followers = [];
    private IDisposable? _feed;
    private long _version;

    /// <summary>Use <see cref="Props"/>.</summary>
    public ServiceFeedActor(ObjectCache cache, string source)
    {
        (_cache, _source) = (cache, source);
        Receive<FeedBatch>(OnBatch);
        Receive<FollowServices>(OnFollow);
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

    private static readonly ResourceDefinition[] Kinds = [NodeDefinition.Instance, ServiceDefinition.Instance, EndpointSliceDefinition.Instance];

    private static bool IsOf(KubeObject o) => Kinds.Contains(o.Kind);

    private void OnBatch(FeedBatch batch)
    {
        // The newest state of each; a whole copy may have been sent with it already, which does no harm.
        var last = batch.Changes.Where(c => IsOf(c.Object)).GroupBy(c => c.Object.Key).Select(g => g.Last()).ToList();
        var news = new ServiceNews(_source, _version, ++_version, [.. last.Where(c => c.Type != "DELETED").Select(c => c.Object)], [.. last.Where(c => c.Type == "DELETED").Select(c => new GoneObject(c.Object.Key, c.Revision))], true);
        foreach (var follower in _followers)
        {
            follower.Tell(news);
        }
    }

    private void OnFollow(FollowServices follow)
    {
        if (_followers.Add(Sender))
        {
            Context.Watch(Sender);
        }

        if ((follow.Source, follow.Version) == (_source, _version))
        {
            return;
        }

        var part = new List<KubeObject>();
        var size = 0;
        foreach (var o in Kinds.SelectMany(k => _cache.Snapshot(k).Objects))
        {
            if (size > 0 && size + o.Json.Length > MessageSize)
            {
                Sender.Tell(new ServiceNews(_source, ServiceNews.Whole, _version, [.. part], [], false));
                part.Clear();
                size = 0;
            }

            part.Add(o);
            size += o.Json.Length;
        }

        Sender.Tell(new ServiceNews(_source, ServiceNews.Whole, _version, [.. part], [], true));
    }
}
