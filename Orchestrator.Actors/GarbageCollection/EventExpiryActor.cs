using Akka.Actor;
using Akka.Event;
using Orchestrator.Actors.Api;
using Orchestrator.Actors.Entities;
using Orchestrator.Actors.Feed;
using Orchestrator.Actors.Kinds.Events;

namespace Orchestrator.Actors.GarbageCollection;

/// <summary>The singleton that deletes Events that clients posted, an hour after their last change (Kubernetes: <c>kube-apiserver --event-ttl</c>).</summary>
/// <remarks>It stores no state: when it starts, the hour begins again for all existing Events. Events recorded with journal events have no
/// entity and are ignored.</remarks>
public sealed class EventExpiryActor : ReceiveActor, IWithTimers
{
    private const string By = "system:event-expiry";
    private static readonly TimeSpan Lifetime = TimeSpan.FromHours(1);
    private readonly ObjectCache _cache;
    private readonly TimeProvider _time;
    private readonly CommandOutbox<(ObjectKey Key, long Revision)> _commands;
    private readonly PriorityQueue<(ObjectKey Key, long Revision), DateTimeOffset> _due = new();
    private IDisposable? _feed;

    /// <summary>Use <see cref="Props"/>.</summary>
    public EventExpiryActor(ObjectCache cache, Func<IActorRef> region, TimeProvider time)
    {
        (_cache, _time) = (cache, time);
        _commands = new CommandOutbox<(ObjectKey Key, long Revision)>(region, new OutboxOwner(Self, this, time, Context.GetLogger()), ObjectCommand.ReplyBound, RetryPolicy.Default);
        Receive<FeedBatch>(batch => Await(batch.Changes.Where(c => c.Object.Kind == EventDefinition.Instance && c.Type != "DELETED").Select(c => c.Object)));
        Receive<Due>(_ => OnDue());
        Receive<CommandReply>(reply => _commands.Take(reply));
        Receive<CommandsDue>(_ => _commands.TakeDue().Again.ToList().ForEach(Delete));
    }

    /// <inheritdoc/>
    public ITimerScheduler Timers { get; set; } = null!;

    /// <summary>Creates the actor's props.</summary>
    public static Props Props(ObjectCache cache, Func<IActorRef> region, TimeProvider time) =>
        Akka.Actor.Props.Create(() => new EventExpiryActor(cache, region, time));

    /// <inheritdoc/>
    protected override void PreStart()
    {
        var self = Self;
        _feed = _cache.Listen(batch =>
        {
            if (batch.Changes.Any(c => c.Object.Kind == EventDefinition.Instance))
            {
                self.Tell(batch);
            }
        });
        Await(_cache.Snapshot(EventDefinition.Instance).Objects.Where(e => _cache.ByUid(e.Uid) is not null));
    }

    /// <inheritdoc/>
    protected override void PostStop() => _feed?.Dispose();

    private void Await(IEnumerable<KubeObject> posted)
    {
        var until = _time.GetUtcNow() + Lifetime;
        foreach (var item in posted)
        {
            _due.Enqueue((item.Key, item.Revision), until);
        }

        Arm();
    }

    private void OnDue()
    {
        var now = _time.GetUtcNow();
        while (_due.TryPeek(out var item, out var until) && until <= now)
        {
            _due.Dequeue();
            Delete(item);
        }

        Arm();
    }

    // Skips an Event that was deleted, or changed and therefore expires later.
    private void Delete((ObjectKey Key, long Revision) item)
    {
        if (_cache.Find(item.Key) is { } found && found.Revision == item.Revision)
        {
            _commands.Send(item, new DeleteObject(item.Key, By, 0, ExpectedUid: found.Uid, ExpectedRevision: found.Revision));
        }
    }

    private void Arm()
    {
        if (_due.TryPeek(out _, out var until) && !Timers.IsTimerActive(Due.Instance))
        {
            var wait = until - _time.GetUtcNow();
            Timers.StartSingleTimer(Due.Instance, Due.Instance, wait > TimeSpan.Zero ? wait : TimeSpan.Zero);
        }
    }

    private sealed record Due { public static readonly Due Instance = new(); }
}
