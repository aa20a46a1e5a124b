using Akka.Actor;
using Orchestrator.Actors.Api;
using Orchestrator.Actors.Feed;
using Orchestrator.Actors.Kinds.Namespaces;
using Orchestrator.Actors.Kinds.Pods;

namespace Orchestrator.Actors.Kinds.NetworkPolicies;

/// <summary>Sends NetworkPolicies, and who is in the groups of pods that they name, to the agents of all nodes: once whole, then what changes. Agents learn of no other pods, and without policies nothing is done.</summary>
internal sealed class PolicyFeedActor : ReceiveActor
{
    private static readonly IReadOnlyDictionary<string, string> NoLabels = new Dictionary<string, string>();
    private readonly ObjectCache _cache;
    private readonly string _source;
    private readonly FeedFollowers<PolicyNews> _followers;
    private readonly PeerGroups _groups;
    private IDisposable? _feed;
    private volatile bool _hasPolicies;

    /// <summary>Use <see cref="Props"/>.</summary>
    public PolicyFeedActor(ObjectCache cache, string source)
    {
        (_cache, _source) = (cache, source);
        _followers = new FeedFollowers<PolicyNews>(source, Whole);
        _groups = new PeerGroups(ns => ns is null ? cache.All(PodDefinition.Instance) : cache.All(PodDefinition.Instance, ns), ns => cache.Find(NamespaceDefinition.Instance.Key(null, ns))?.Labels ?? NoLabels);
        Receive<FeedBatch>(OnBatch);
        Receive<FollowPolicies>(follow =>
        {
            _followers.Answer(Context, follow.At);
            if (follow.Question > 0)
            {
                Sender.Tell(new PoliciesConfirmed(follow.Question));
            }
        });
        Receive<Terminated>(gone => _followers.Remove(gone.ActorRef));
    }

    /// <summary>Creates the actor's props.</summary>
    /// <param name="cache">The cache of policies, pods and namespaces.</param>
    /// <param name="source">Name that no other feed has, also none before.</param>
    public static Props Props(ObjectCache cache, string source) => Akka.Actor.Props.Create(() => new PolicyFeedActor(cache, source));

    /// <inheritdoc/>
    protected override void PreStart()
    {
        var self = Self;

        // Pods change all the time: what no policy asks for is not even told here. The mark is set before pods are read, so that none is missed between.
        _feed = _cache.Listen(batch =>
        {
            if (batch.Changes.Any(c => c.Object.Kind == NetworkPolicyDefinition.Instance || (_hasPolicies && IsOfPods(c.Object))))
            {
                self.Tell(batch);
            }
        });
        Take([.. _cache.All(NetworkPolicyDefinition.Instance).Select(p => new ObjectChange("ADDED", p, null, p.Revision))]);
        _ = _groups.Take();
    }

    /// <inheritdoc/>
    protected override void PostStop() => _feed?.Dispose();

    private static bool IsOfPods(KubeObject o) => o.Kind == PodDefinition.Instance || o.Kind == NamespaceDefinition.Instance;

    private void OnBatch(FeedBatch batch)
    {
        var last = batch.Changes.GroupBy(c => c.Object.Key).Select(g => g.Last()).ToList();
        Take(last);
        var policies = last.Where(c => c.Object.Kind == NetworkPolicyDefinition.Instance).ToList();
        var groups = _groups.Take();
        if (policies.Count == 0 && groups.Count == 0)
        {
            return;
        }

        _followers.Tell((from, to) => new PolicyNews(_source, from, to, [.. policies.Where(c => !IsGone(c)).Select(c => c.Object)], [.. policies.Where(IsGone).Select(c => c.Object.Key)], [.. groups]));
    }

    private void Take(IReadOnlyList<ObjectChange> changes)
    {
        if (changes.Any(c => c.Object.Kind == NetworkPolicyDefinition.Instance))
        {
            _hasPolicies = true;
        }

        foreach (var change in changes)
        {
            var o = change.Object;
            if (o.Kind == NetworkPolicyDefinition.Instance && IsGone(change))
            {
                _groups.Remove(o.Key);
            }
            else if (o.Kind == NetworkPolicyDefinition.Instance)
            {
                _groups.Put(o);
            }
            else if (o.Kind == NamespaceDefinition.Instance)
            {
                _groups.PutNamespace(o.Name);
            }
            else if (o.Kind == PodDefinition.Instance)
            {
                // As it is now: what came while there was no policy was not told, and may be newer.
                if (_cache.Find(o.Key) is { } pod)
                {
                    _groups.PutPod(pod);
                }
                else
                {
                    _groups.RemovePod(o.Key);
                }
            }
        }

        _hasPolicies = !_groups.IsEmpty;
    }

    private static bool IsGone(ObjectChange change) => change.Type == "DELETED";

    private IReadOnlyList<PolicyNews> Whole(long version)
    {
        var policies = FeedNews.Divide(_cache.All(NetworkPolicyDefinition.Instance), p => p.Json.Length);
        var groups = FeedNews.Divide(_groups.All.SelectMany(Pieces), g => g.Added.Sum(a => a.Length + 3));
        var parts = policies.Count + groups.Count;
        return
        [
            .. policies.Select((p, i) => new PolicyNews(_source, PolicyNews.Whole, version, [.. p], [], [], i + 1, parts)),
            .. groups.Select((g, i) => new PolicyNews(_source, PolicyNews.Whole, version, [], [], [.. g], policies.Count + i + 1, parts)),
        ];
    }

    // A group of many thousand is more than a message may carry.
    private static IEnumerable<GroupNews> Pieces(GroupNews group) => group.Added.Length == 0 ? [group]
        : group.Added.Chunk(FeedNews.MessageSize / 64).Select((c, i) => new GroupNews(group.Id, i == 0, [.. c], []));
}
