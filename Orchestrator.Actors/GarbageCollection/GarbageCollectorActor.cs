using Akka.Actor;
using Akka.Event;
using Orchestrator.Actors.Api;
using Orchestrator.Actors.Entities;
using Orchestrator.Actors.Feed;
using Orchestrator.Actors.Kinds.Events;

namespace Orchestrator.Actors.GarbageCollection;

/// <summary>The garbage collector singleton: follows changes in the cache and deletes dependents of deleted owners, as the propagation policy says.</summary>
/// <remarks>It may stop at any time: a new one checks every object that is being deleted or has an owner. After a rejected or unanswered command
/// the object is checked again.</remarks>
public sealed class GarbageCollectorActor : ReceiveActor, IWithTimers
{
    private static readonly TimeSpan AnswerBound = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan RefusedDelay = TimeSpan.FromSeconds(1);
    private readonly ObjectCache _cache;
    private readonly Func<IActorRef> _region;
    private readonly TimeProvider _time;
    private readonly ILoggingAdapter _log = Context.GetLogger();
    private readonly Dictionary<long, (ObjectKey Item, long Since)> _open = [];
    private readonly HashSet<ObjectKey> _again = [];
    private IDisposable? _feed;
    private long _correlationId;

    /// <summary>Use <see cref="Props"/>.</summary>
    public GarbageCollectorActor(ObjectCache cache, Func<IActorRef> region, TimeProvider time)
    {
        (_cache, _region, _time) = (cache, region, time);
        _correlationId = time.GetUtcNow().Ticks;
        Receive<FeedBatch>(OnBatch);
        Receive<CommandReply>(OnReply);
        Receive<AnswersDue>(_ => OnOverdue());
        Receive<RetryDue>(_ => OnRetry());
    }

    /// <inheritdoc/>
    public ITimerScheduler Timers { get; set; } = null!;

    /// <summary>Creates the actor's props.</summary>
    public static Props Props(ObjectCache cache, Func<IActorRef> region, TimeProvider time) =>
        Akka.Actor.Props.Create(() => new GarbageCollectorActor(cache, region, time));

    /// <inheritdoc/>
    protected override void PreStart()
    {
        var self = Self;
        _feed = _cache.Listen(batch => self.Tell(batch));

        // Changes made while no garbage collector ran are found from the current state.
        foreach (var item in _cache.Registry.All.Where(k => k != EventDefinition.Instance).SelectMany(k => _cache.Snapshot(k).Objects.Values).Where(o => o.IsDeleting || !o.Owners.IsEmpty))
        {
            Collect(item, item.Revision);
        }
    }

    /// <inheritdoc/>
    protected override void PostStop() => _feed?.Dispose();

    private void OnBatch(FeedBatch batch)
    {
        foreach (var change in batch.Changes)
        {
            Follow(change);
        }
    }

    private void Follow(ObjectChange change)
    {
        var (now, before) = (change.Object, change.Previous);
        var isGone = change.Type == "DELETED";
        if (!isGone && (now.IsDeleting || (before is null ? !now.Owners.IsEmpty : before.Owners != now.Owners)))
        {
            Collect(now, change.Revision);
        }

        if (isGone || (now.IsDeleting && before?.IsDeleting != true))
        {
            foreach (var dependent in GarbageCollector.DependentsOf(now, _cache))
            {
                Collect(dependent, change.Revision);
            }
        }

        // An owner that is being deleted may have waited for this dependent.
        if (before is not null && (isGone || before.Owners != now.Owners))
        {
            foreach (var waiting in before.Owners.Select(o => _cache.ByUid(o.Uid)).OfType<KubeObject>().Where(o => o.IsDeleting))
            {
                Collect(waiting, change.Revision);
            }
        }
    }

    private void Collect(KubeObject item, long cause)
    {
        foreach (var command in GarbageCollector.Plan(item, _cache, cause))
        {
            _open[++_correlationId] = (item.Key, _time.GetTimestamp());
            _region().Tell(command with { CorrelationId = _correlationId }, Self);
        }

        if (_open.Count > 0 && !Timers.IsTimerActive(AnswersDue.Instance))
        {
            Timers.StartSingleTimer(AnswersDue.Instance, AnswersDue.Instance, AnswerBound);
        }
    }

    private void OnReply(CommandReply reply)
    {
        if (!_open.Remove(reply.CorrelationId, out var open) || reply.Error is not { Reason: not ApiReason.NotFound } error)
        {
            return;
        }

        if (error.Reason != ApiReason.Conflict)
        {
            _log.Warning("Collecting for {0} was refused and is tried again: {1}", open.Item, error.Message);
        }

        LookAgain(open.Item);
    }

    private void OnOverdue()
    {
        foreach (var (id, open) in _open.Where(o => _time.GetElapsedTime(o.Value.Since) >= AnswerBound).ToList())
        {
            _open.Remove(id);
            LookAgain(open.Item);
        }

        if (_open.Count > 0)
        {
            Timers.StartSingleTimer(AnswersDue.Instance, AnswersDue.Instance, AnswerBound);
        }
    }

    private void LookAgain(ObjectKey item)
    {
        _again.Add(item);
        if (!Timers.IsTimerActive(RetryDue.Instance))
        {
            Timers.StartSingleTimer(RetryDue.Instance, RetryDue.Instance, RefusedDelay);
        }
    }

    private void OnRetry()
    {
        var due = _again.ToList();
        _again.Clear();
        foreach (var item in due.Select(key => _cache.Find(key)).OfType<KubeObject>())
        {
            Collect(item, item.Revision);
        }
    }

    private sealed record AnswersDue { public static readonly AnswersDue Instance = new(); }

    private sealed record RetryDue { public static readonly RetryDue Instance = new(); }
}
