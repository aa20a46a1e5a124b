using System.Collections.Immutable;
using Orchestrator.Actors.Api;
using Orchestrator.Actors.Entities;
using Orchestrator.Actors.Journal;

namespace Orchestrator.Actors.Reconcile;

/// <summary>Decides when the controller of one object plans and which commands of a plan are sent: plans when woken, and again only when the cache shows
/// what became of the last plan. It knows no actor; what it needs is in <see cref="IReconcileEffects"/>. Not thread-safe.</summary>
/// <param name="controller">The controller.</param>
/// <param name="effects">See <see cref="IReconcileEffects"/>.</param>
internal sealed class ReconcileLoop(IController controller, IReconcileEffects effects)
{
    /// <summary>Maximum number of consecutive plans from a stale view without back-off.</summary>
    private const int StaleTries = 10;

    /// <summary>Maximum number of Kubernetes Events about rejected commands of one plan: a thousand pods that a quota refuses have a thousand messages.</summary>
    private const int MaxRejectionEvents = 10;

    private static readonly TimeSpan UnnoticedPlan = TimeSpan.FromMilliseconds(2);
    private static readonly TimeSpan MaxPause = TimeSpan.FromMilliseconds(500);
    private static readonly RetryPolicy BackOffPolicy = new(TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(60));
    private static readonly TimeSpan TakeUpDelay = TimeSpan.FromSeconds(5);

    private PlanRun? _run;
    private bool _isDirty;
    private long _barrier;
    private long _cause;
    private long _generation;
    private ImmutableArray<RejectedCommand> _rejected = [];
    private int _rejectedInARow;
    private DateTimeOffset _freeAt;
    private HashSet<string> _found = [];
    private long _plannedAt;
    private TimeSpan _pause;

    /// <summary>The revision that the cache must have reached before the next plan.</summary>
    public long Awaited => Math.Max(_barrier, _cause);

    /// <summary>Something that concerns the object changed, or it is due.</summary>
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

    /// <summary>The object itself changed.</summary>
    public void Changed(long revision)
    {
        _barrier = Math.Max(_barrier, revision);
        Wake(revision);
    }

    /// <summary>The entity stops. Unfinished work is resumed when the trigger wakes the object.</summary>
    /// <param name="hasFailed">See <see cref="IReconciler.Stopped"/>.</param>
    public void Stopped(bool hasFailed)
    {
        if (hasFailed || _isDirty || _run is not null)
        {
            effects.WakeAfter(TakeUpDelay);
        }
    }

    /// <summary>The barrier: a plan always sees the effects of the previous one.</summary>
    public void WaitForCache() => effects.AwaitCache(Awaited);

    /// <summary>The cache has reached the revision that was awaited.</summary>
    public void CacheReached(KubeObject? state)
    {
        // An entity that recovered on another host may be ahead of that host's cache, and its status may tell of objects that are not there yet.
        _barrier = Math.Max(_barrier, state?.Revision ?? 0);
        if (effects.CacheRevision < Awaited)
        {
            WaitForCache(); // Woken for a later revision meanwhile.
        }
        else
        {
            Plan(state);
        }
    }

    /// <summary>A command of the plan was answered.</summary>
    public void Acknowledge(SettledCommand<int> settled, KubeObject? state)
    {
        _barrier = Math.Max(_barrier, settled.Reply.Revision);
        _run!.Record(settled.About, settled.Reply.Error);
        SettleOnceAnswered(state);
    }

    /// <summary>Commands of the plan had no reply in time.</summary>
    public void GiveUp(IReadOnlyList<SettledCommand<int>> givenUp, KubeObject? state)
    {
        foreach (var command in givenUp)
        {
            _run!.Record(command.About, command.Reply.Error);
        }

        SettleOnceAnswered(state);
    }

    private void Plan(KubeObject? state)
    {
        if (_run is not null)
        {
            return;
        }

        // A plan over many dependents is expensive: after one that created and deleted nothing, pause for three times as long as it took.
        if (_pause - effects.Time.GetElapsedTime(_plannedAt) is var left && left > TimeSpan.Zero)
        {
            effects.Pause(left);
            return;
        }

        if (state is null)
        {
            _isDirty = false;
            return;
        }

        var now = effects.Time.GetUtcNow();
        if (state.Generation != _generation)
        {
            // A change of the spec may have removed the cause of the rejection.
            (_generation, _freeAt, _rejectedInARow) = (state.Generation, default, 0);
        }

        var start = effects.Time.GetTimestamp();
        var plan = Planned(state, now);
        _isDirty = false; // Only now, so that a plan that throws is resumed after the entity stopped.
        _plannedAt = effects.Time.GetTimestamp();
        var taken = effects.Time.GetElapsedTime(start, _plannedAt);
        ControllerInstruments.Planned(controller.Kind.Resource, taken);
        _pause = taken < UnnoticedPlan || plan.Advances ? TimeSpan.Zero : taken * 3 < MaxPause ? taken * 3 : MaxPause;

        Record(state, plan.Findings, plan.EventsVerb);
        var backOff = _freeAt - now;
        var isFree = backOff <= TimeSpan.Zero;
        Recheck(plan.RecheckAfter, backOff);
        Send(plan, isFree ? plan.Commands : [.. plan.Commands.Where(c => c.Key == state.Key && !_rejected.Any(r => r.Command.Key == c.Key))], isFree);
    }

    private ControllerPlan Planned(KubeObject state, DateTimeOffset now)
    {
        try
        {
            return controller.Plan(state, effects.View, new PlanContext(now, _cause, effects.NewSuffix, _rejected));
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
            effects.WakeAfter(delay);
        }
    }

    private void Send(ControllerPlan plan, ImmutableArray<ObjectCommand> commands, bool isFree)
    {
        if (commands.IsEmpty)
        {
            if (isFree && !_rejected.IsEmpty)
            {
                // What was rejected is no longer needed. This plan still told of it, so another one follows.
                (_rejected, _rejectedInARow, _isDirty) = ([], 0, true);
                WaitForCache();
            }

            return;
        }

        _run = new PlanRun(plan, commands, isFree);
        for (var i = 0; i < commands.Length; i++)
        {
            effects.Send(i, commands[i]);
        }
    }

    private void SettleOnceAnswered(KubeObject? state)
    {
        if (_run is { } run && effects.Open == 0)
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
        _freeAt = effects.Time.GetUtcNow() + delay;
        effects.BackedOff(rejected, delay);
    }

    // Recording is a change of the object, after which it is planned again: what is still found must not be recorded again.
    private void Record(KubeObject state, ImmutableArray<Finding> findings, string verb)
    {
        ImmutableArray<Finding> added = [.. findings.Where(f => !_found.Contains(f.Key))];
        _found = [.. findings.Select(f => f.Key)];
        if (!added.IsEmpty)
        {
            effects.Tell(new MergeObject(state.Key, state.Uid, [], verb, added[0].By, _cause, RecordedEvents: [.. added.Select(f => f.Event)]));
        }
    }

    // Best effort, like Events in Kubernetes: the reply is ignored.
    private void Record(PlanRun run, ImmutableArray<RejectedCommand> rejected, KubeObject? state)
    {
        if (state is null)
        {
            return;
        }

        ImmutableArray<RecordedEvent> recordedEvents = [.. rejected.Where(r => !r.IsStale).Select(controller.EventFor).OfType<RecordedEvent>().Distinct().Take(MaxRejectionEvents)];
        if (!run.Plan.PlannedEvents.IsEmpty)
        {
            var accepted = run.Accepted();
            recordedEvents = [.. run.Plan.PlannedEvents.Where(n => accepted.Contains(n.Of)).Select(n => n.Event), .. recordedEvents];
        }

        if (!recordedEvents.IsEmpty)
        {
            effects.Tell(new MergeObject(state.Key, state.Uid, [], run.Plan.EventsVerb, run.Commands[0].By, run.Commands[0].Cause, RecordedEvents: recordedEvents));
        }
    }
}
