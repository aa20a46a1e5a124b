using Akka.Actor;
using Akka.Event;
using Orchestrator.Actors.Api;
using Orchestrator.Actors.Entities;
using Orchestrator.Actors.Feed;

namespace Orchestrator.Actors.GarbageCollection;

/// <summary>The garbage collector singleton: follows changes in the cache and deletes dependents as the propagation policy says.</summary>
/// <remarks>It may stop at any time: a new one checks every object that is being deleted or has an owner. After a rejected or unanswered command
/// the object is checked again.</remarks>
public sealed class GarbageCollectorActor : ReceiveActor, IWithTimers
{
    private readonly ObjectCache _cache;
    private readonly CommandOutbox<ObjectKey> _commands;
    private IDisposable? _feed;

    /// <summary>Use <see cref="Props"/>.</summary>
    public GarbageCollectorActor(ObjectCache cache, Func<IActorRef> region, TimeProvider time)
    {
        _cache = cache;
        _commands = new CommandOutbox<ObjectKey>(region, new OutboxOwner(Self, this, time, Context.GetLogger()), ObjectCommand.BulkReplyBound, RetryPolicy.Default);
        Receive<FeedBatch>(OnBatch);
        Receive<CommandReply>(reply => _commands.Take(reply));
        Receive<CommandsDue>(_ => LookAgain());
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
        foreach (var item in GarbageCollector.Unfinished(_cache))
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
            foreach (var item in GarbageCollector.Concerned(change, _cache))
            {
                Collect(item, change.Revision);
            }
        }
    }

    private void Collect(KubeObject item, long cause)
    {
        foreach (var command in GarbageCollector.Plan(item, _cache, cause))
        {
            _commands.Send(item.Key, command);
        }
    }

    private void LookAgain()
    {
        foreach (var item in _commands.TakeDue().Again.Select(key => _cache.Find(key)).OfType<KubeObject>())
        {
            Collect(item, item.Revision);
        }
    }
}
