using System.Collections.Immutable;
using Akka.Actor;
using Akka.Event;
using Orchestrator.Actors.Api;
using Orchestrator.Actors.Entities;
using Orchestrator.Actors.Feed;
using Orchestrator.Actors.Journal;

namespace Orchestrator.Actors.Reconcile;

/// <summary>Services of the host for all reconcilers.</summary>
/// <param name="Cache">The cache that controllers read.</param>
/// <param name="Time">The clock.</param>
/// <param name="Ids">Source of uids and name suffixes.</param>
/// <param name="Region">The shard region of all entities.</param>
/// <param name="Trigger">The <see cref="ReconcileTriggerActor"/>.</param>
public sealed record ReconcilerServices(ObjectCache Cache, TimeProvider Time, IIdSource Ids, Func<IActorRef> Region, Func<IActorRef> Trigger);

/// <summary>Runs the controller of one entity: plans when woken, sends the commands, and plans again only when the cache shows their outcome.</summary>
/// <param name="controller">The controller.</param>
/// <param name="entity">The entity for which it runs.</param>
/// <param name="services">See <see cref="ReconcilerServices"/>.</param>
/// <remarks>Its timers last seconds, while the entity is kept awake by messages. For anything later it asks the reconcile trigger, because an idle
/// entity is passivated and its timers end.</remarks>
public sealed class Reconciler(IController controller, EntityContext entity, ReconcilerServices services) : IReconciler
{
    /// <summary>Maximum number of consecutive plans from a stale view without back-off.</summary>
    private const int StaleTries = 10;
    private static readonly TimeSpan CacheBound = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan UnnoticedPlan = TimeSpan.FromMilliseconds(2);
    private static readonly TimeSpan MaxPause = TimeSpan.FromMilliseconds(500);
    private static readonly RetryPolicy BackOffPolicy = new(TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(60));
    private static readonly TimeSpan TakeUpDelay = TimeSpan.FromSeconds(5);

    // No retries: rejected commands are planned again after a back-off that the trigger keeps.
    private readonly CommandOutbox<int> _commands = new(services.Region, new OutboxOwner(entity.Self, entity.Owner, services.Time, entity.Log), ObjectCommand.BulkReplyBound, retry: null);
    private PlanRun? _run;
    private bool _isDirty;
    private long _barrier;
    private long _cause;
    private long _generation;
    private ImmutableArray<RejectedCommand> _rejected = [];
    private int _rejectedInARow;
    private DateTimeOffset _freeAt;
    private long _plannedAt;
    private TimeSpan _pause;

    /// <inheritdoc/>
    public void Wake(long cause)
    {
        ControllerInstruments.Woken(controller.Kind.Resource);
        _cause = Math.Max(_cause, cause);
        if (!_isDirty && _run is null)
        {
            WaitForCache();
        }

        _isDirty = true;
    }

    /// <inheritdoc/>
    public void Changed(long revision)
    {
        _barrier = Math.Max(_barrier, revision);
        Wake(revision);
    }

    /// <inheritdoc/>
    public void Stopped(bool hasFailed)
    {
        if (hasFailed || _isDirty || _run is not null)
        {
            services.Trigger().Tell(new ReconcileAfter(entity.Key, TakeUpDelay), ActorRefs.NoSender);
        }
    }

    /// <inheritdoc/>
    public bool Take(object message, KubeObject? state)
    {
        switch (message)
        {
            case CommandReply reply:
                Acknowledge(reply, state);
                return true;
            case CommandsDue:
                GiveUp(_commands.TakeDue().GivenUp, state);
                return true;
            case CacheReached when services.Cache.Revision < Math.Max(_barrier, _cause):
                WaitForCache(); // Woken for a later revision meanwhile.
                return true;
            case CacheReached:
                Plan(state);
                return true;
            case CacheLate:
                entity.Log.Warning("{0}: the cache has not reached revision {1} in {2}; still waiting", entity.Key, Math.Max(_barrier, _cause), CacheBound);
                WaitForCache();
                return true;
            case PauseOver:
                WaitForCache();
                return true;
            default:
                return false;
        }
    }

    // The barrier: a plan always sees the effects of the previous one.
    private void WaitForCache()
    {
        var reached = services.Cache.ReachedAsync(Math.Max(_barrier, _cause), CancellationToken.None);
        if (reached.IsCompletedSuccessfully)
        {
            entity.Self.Tell(CacheReached.Instance, entity.Self);
            return;
        }

        reached.WaitAsync(CacheBound, services.Time).PipeTo(entity.Self, success: () => CacheReached.Instance, failure: _ => CacheLate.Instance);
    }

    private void Plan(KubeObject? state)
    {
        if (_run is not null)
        {
            return;
        }

        // A plan over many dependents is expensive: after one that created and deleted nothing, pause for three times as long as it took.
        if (_pause - services.Time.GetElapsedTime(_plannedAt) is var left && left > TimeSpan.Zero)
        {
            entity.Owner.Timers.StartSingleTimer(PauseOver.Instance, PauseOver.Instance, left);
            return;
        }

        if (state is null)
        {
            _isDirty = false;
            return;
        }

        var now = services.Time.GetUtcNow();
        if (state.Generation != _generation)
        {
            // A change of the spec may have removed the cause of the rejection.
            (_generation, _freeAt, _rejectedInARow) = (state.Generation, default, 0);
        }

        var start = services.Time.GetTimestamp();
        var plan = Planned(state, now);
        _isDirty = false; // Only now, so that a plan that throws is resumed after the entity stopped.
        _plannedAt = services.Time.GetTimestamp();
        var taken = services.Time.GetElapsedTime(start, _plannedAt);
        ControllerInstruments.Planned(controller.Kind.Resource, taken);
        _pause = taken < UnnoticedPlan || plan.Advances ? TimeSpan.Zero : taken * 3 < MaxPause ? taken * 3 : MaxPause;

        var backOff = _freeAt - now;
        var isFree = backOff <= TimeSpan.Zero;
        Recheck(plan.RecheckAfter, backOff);
        Send(plan, isFree ? plan.Commands : [.. plan.Commands.Where(c => c.Key == state.Key && !_rejected.Any(r => r.Command.Key == c.Key))], isFree);
    }

    private ControllerPlan Planned(KubeObject state, DateTimeOffset now)
    {
        try
        {
            return controller.Plan(state, services.Cache, new PlanContext(now, _cause, services.Ids.NewSuffix, _rejected));
        }
        catch
        {
            ControllerInstruments.Failed(controller.Kind.Resource);
            throw;
        }
    }

    private void Recheck(TimeSpan? after, TimeSpan backOff)
    {
        if (backOff > TimeSpan.Zero && (after is null || backOff < after))
        {
            after = backOff;
        }

        if (after is { } delay)
        {
            services.Trigger().Tell(new ReconcileAfter(entity.Key, delay), ActorRefs.NoSender);
        }
    }

    private void Send(ControllerPlan plan, ImmutableArray<ObjectCommand> commands, bool isFree)
    {
        if (commands.IsEmpty)
        {
            if (isFree)
            {
                (_rejected, _rejectedInARow) = ([], 0);
            }

            return;
        }

        _run = new PlanRun(plan, commands, isFree);
        for (var i = 0; i < commands.Length; i++)
        {
            _commands.Send(i, commands[i]);
        }
    }

    private void Acknowledge(CommandReply reply, KubeObject? state)
    {
        if (_commands.Take(reply) is { } settled)
        {
            _barrier = Math.Max(_barrier, reply.Revision);
            _run!.Record(settled.About, reply.Error);
            SettleOnceAnswered(state);
        }
    }

    private void GiveUp(IReadOnlyList<SettledCommand<int>> givenUp, KubeObject? state)
    {
        foreach (var command in givenUp)
        {
            _run!.Record(command.About, command.Reply.Error);
        }

        SettleOnceAnswered(state);
    }

    private void SettleOnceAnswered(KubeObject? state)
    {
        if (_run is { } run && _commands.Open == 0)
        {
            Settle(run, state);
        }
    }

    private void Settle(PlanRun run, KubeObject? state)
    {
        _run = null;
        var rejected = run.RejectedCommands();
        foreach (var (_, error) in rejected)
        {
            ControllerInstruments.Rejected(controller.Kind.Resource, error.Reason);
        }

        _rejected = run.IsFree ? rejected : [.. _rejected, .. rejected];
        if (run.IsFree)
        {
            _rejectedInARow = rejected.IsEmpty ? 0 : _rejectedInARow + 1;
        }

        if (run.IsFree && (rejected.Any(r => !r.IsStale) || _rejectedInARow > StaleTries))
        {
            BackOff(rejected);
        }

        Record(run, rejected, state);
        _isDirty = true;
        WaitForCache();
    }

    private void BackOff(ImmutableArray<RejectedCommand> rejected)
    {
        ControllerInstruments.BackedOff(controller.Kind.Resource);
        var delay = BackOffPolicy.Delay(_rejectedInARow);
        _freeAt = services.Time.GetUtcNow() + delay;
        var first = rejected.FirstOrDefault(r => !r.IsStale) ?? rejected[0];
        entity.Log.Warning("{0}: {1} commands of a plan were rejected, the first to {2}. Next try in {3:0} s: {4}", entity.Key, rejected.Length, first.Command.Key, delay.TotalSeconds,
            first.Error.Message);
    }

    // Best effort, like Events in Kubernetes: the reply is ignored.
    private void Record(PlanRun run, ImmutableArray<RejectedCommand> rejected, KubeObject? state)
    {
        if (state is null)
        {
            return;
        }

        ImmutableArray<RecordedEvent> recordedEvents = [.. rejected.Where(r => !r.IsStale).Select(controller.EventFor).OfType<RecordedEvent>().Distinct()];
        if (!run.Plan.PlannedEvents.IsEmpty)
        {
            var accepted = run.Accepted();
            recordedEvents = [.. run.Plan.PlannedEvents.Where(n => accepted.Contains(n.Of)).Select(n => n.Event), .. recordedEvents];
        }

        if (!recordedEvents.IsEmpty)
        {
            services.Region().Tell(new MergeObject(state.Key, state.Uid, [], run.Plan.EventsVerb, run.Commands[0].By, run.Commands[0].Cause, RecordedEvents: recordedEvents), entity.Self);
        }
    }

    private sealed record CacheReached { public static readonly CacheReached Instance = new(); }

    private sealed record CacheLate { public static readonly CacheLate Instance = new(); }

    private sealed record PauseOver { public static readonly PauseOver Instance = new(); }
}
