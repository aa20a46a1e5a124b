using Akka.Actor;
using Akka.Event;
using Orchestrator.Actors.Entities;
using Orchestrator.Actors.Feed;

namespace Orchestrator.Actors.Scheduling;

/// <summary>The scheduler singleton: follows nodes and pods in the cache, chooses a node for each pending pod, and binds the pod or records why it is
/// unschedulable.</summary>
/// <remarks>It may stop at any time: a new scheduler starts from the cache, and a bound pod rejects a second node.</remarks>
public sealed class SchedulerActor : ReceiveActor, IWithTimers
{
    private readonly ObjectCache _cache;
    private readonly CommandOutbox<Errand> _commands;
    private readonly Scheduler _scheduler;
    private IDisposable? _feed;

    /// <summary>Use <see cref="Props"/>.</summary>
    public SchedulerActor(ObjectCache cache, Func<IActorRef> region, TimeProvider time)
    {
        _cache = cache;
        _commands = new CommandOutbox<Errand>(region, new OutboxOwner(Self, this, time, Context.GetLogger()), ObjectCommand.ReplyBound, RetryPolicy.Default);
        _scheduler = new Scheduler(cache, time, _commands.Send);
        Receive<FeedBatch>(_scheduler.Follow);
        Receive<CommandReply>(reply =>
        {
            if (_commands.Take(reply) is { } settled)
            {
                _scheduler.Answered(settled.About, reply);
            }
        });
        Receive<VolumesDue>(_ => _scheduler.GiveUpOverdue());
        Receive<CommandsDue>(_ => _scheduler.Reconsider(_commands.TakeDue().Again));
    }

    /// <inheritdoc/>
    public ITimerScheduler Timers { get; set; } = null!;

    /// <summary>Creates the actor's props.</summary>
    public static Props Props(ObjectCache cache, Func<IActorRef> region, TimeProvider time) =>
        Akka.Actor.Props.Create(() => new SchedulerActor(cache, region, time));

    /// <inheritdoc/>
    protected override void PreStart()
    {
        var self = Self;
        _feed = _cache.Listen(batch => self.Tell(batch));
        _scheduler.Start();
        Measure();
        AwaitVolumes();
    }

    /// <inheritdoc/>
    protected override bool AroundReceive(Receive receive, object message)
    {
        var isHandled = base.AroundReceive(receive, message);
        Measure();
        AwaitVolumes();
        return isHandled;
    }

    /// <inheritdoc/>
    protected override void PostStop()
    {
        _feed?.Dispose();
        SchedulerInstruments.Pending(0, 0);
    }

    // One timer, for the pod that has waited longest; when it is due, the next one is seen.
    private void AwaitVolumes()
    {
        if (!Timers.IsTimerActive(VolumesDue.Instance) && _scheduler.DueIn is { } due)
        {
            Timers.StartSingleTimer(VolumesDue.Instance, VolumesDue.Instance, due);
        }
    }

    private void Measure() => SchedulerInstruments.Pending(_scheduler.Active, _scheduler.Unschedulables);

    private sealed record VolumesDue { public static readonly VolumesDue Instance = new(); }
}
