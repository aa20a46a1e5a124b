using Akka.Actor;
using Akka.Event;
using Akka.Persistence;
using Orchestrator.Actors.Api;
using Orchestrator.Actors.Feed;
using Orchestrator.Actors.Journal;

namespace Orchestrator.Actors.Entities;

/// <summary>What every entity needs from its host.</summary>
/// <param name="Cache">The read side that controllers plan from.</param>
/// <param name="Time">The clock.</param>
/// <param name="Ids">Fresh ids.</param>
/// <param name="Controllers">Behaviour by resource.</param>
/// <param name="Region">The way to other entities.</param>
public sealed record EntityServices(ObjectCache Cache, TimeProvider Time, IIdSource Ids,
    IReadOnlyDictionary<string, IController> Controllers, Func<IActorRef> Region);

/// <summary>The shell of every object: decides a command, persists its events, answers; and, for a kind that acts on its own,
/// plans when woken, sends the plan's commands and plans again only when the cache holds their outcome.</summary>
public sealed class EntityActor : UntypedPersistentActor, IWithTimers
{
    private const int SnapshotEvery = 50;
    private const int MaxCollisions = 100;
    private static readonly TimeSpan ReplyBound = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan UnnoticedPlan = TimeSpan.FromMilliseconds(2);
    private static readonly TimeSpan MaxPause = TimeSpan.FromMilliseconds(500);

    private readonly KindInfo _kind;
    private readonly EntityServices _services;
    private readonly IController? _controller;
    private KubeObject? _state;
    private int _awaited;
    private bool _dirty;
    private long _barrier;
    private long _cause;
    private int _failures;
    private int _collisions;
    private long _plannedAt;
    private TimeSpan _pause;

    /// <summary>Use <see cref="Props"/>.</summary>
    public EntityActor(string persistenceId, EntityServices services)
    {
        PersistenceId = persistenceId;
        _services = services;
        var key = ObjectKey.Parse(persistenceId) ?? throw new ArgumentException($"{persistenceId} is not an object's id", nameof(persistenceId));
        _kind = Kinds.ByResource(key.Resource) ?? throw new ArgumentException($"{key.Resource} is not served", nameof(persistenceId));
        _controller = services.Controllers.GetValueOrDefault(_kind.Resource);
    }

    /// <inheritdoc/>
    public override string PersistenceId { get; }

    /// <inheritdoc/>
    public ITimerScheduler Timers { get; set; } = null!;

    /// <summary>The recipe for one object's actor.</summary>
    public static Props Props(string persistenceId, EntityServices services) =>
        Akka.Actor.Props.Create(() => new EntityActor(persistenceId, services));

    /// <inheritdoc/>
    protected override void PreStart()
    {
        Instruments.Entities.Add(1);
        base.PreStart();
    }

    /// <inheritdoc/>
    protected override void PostStop()
    {
        Instruments.Entities.Add(-1);
        base.PostStop();
    }

    /// <inheritdoc/>
    protected override void OnPersistFailure(Exception cause, object @event, long sequenceNr)
    {
        Sender.Tell(new CommandReply(null, JournalFault.ToError(cause)));
        base.OnPersistFailure(cause, @event, sequenceNr);
    }

    /// <inheritdoc/>
    protected override void OnRecover(object message)
    {
        switch (message)
        {
            case ObjectEvent e:
                _state = ObjectState.Apply(_kind, _state, e);
                break;
            case SnapshotOffer offer:
                Restore((ObjectSnapshot)offer.Snapshot);
                break;
        }
    }

    /// <inheritdoc/>
    protected override void OnCommand(object message)
    {
        switch (message)
        {
            case WakeObject wake:
                Dirty(wake.Cause);
                break;
            case ObjectCommand command:
                Handle(command);
                break;
            case CommandReply reply:
                Acknowledge(reply);
                break;
            case CacheReached:
                Planned();
                break;
            case PauseOver:
                WaitForCache();
                break;
            case PlanDue:
                Dirty(_cause);
                break;
            case RepliesOverdue:
                Overdue();
                break;
            case SaveSnapshotSuccess:
                break;
            case SaveSnapshotFailure failure:
                Log.Warning(failure.Cause, "Snapshot of {0} failed; the journal still has everything", PersistenceId);
                break;
            default:
                Unhandled(message);
                break;
        }
    }

    private void Restore(ObjectSnapshot snapshot) =>
        _state = snapshot.Json.Length == 0 ? null : KubeObject.From(_kind, System.Text.Encoding.UTF8.GetBytes(snapshot.Json));

    private void Handle(ObjectCommand command)
    {
        var decision = ObjectDecider.Decide(_kind, _state, command, new DecideContext(_services.Time.GetUtcNow(), _services.Ids.NewUid()));
        if (decision.Error is not null || decision.Events.IsEmpty)
        {
            Sender.Tell(new CommandReply(decision.Error is null ? _state : null, decision.Error, _state is null, _state?.Revision ?? 0, _state?.Revision ?? 0));
            return;
        }

        var before = _state;
        var revision = 0L;
        var requester = Sender;
        PersistAll(
            decision.Events,
            e =>
            {
                _state = ObjectState.Apply(_kind, _state, e);
                revision = e.Revision;
            },
            () =>
            {
                requester.Tell(new CommandReply(_state ?? before!.At(revision), null, _state is null, revision, before?.Revision ?? 0));
                if (LastSequenceNr % SnapshotEvery == 0)
                {
                    SaveSnapshot(new ObjectSnapshot(_state is null ? "" : System.Text.Encoding.UTF8.GetString(_state.Json.Span), revision));
                }

                _barrier = Math.Max(_barrier, revision);
                Dirty(revision);
            });
    }

    private void Dirty(long cause)
    {
        if (_controller is null)
        {
            return;
        }

        _cause = Math.Max(_cause, cause);
        if (_dirty || _awaited > 0)
        {
            _dirty = true;
            return;
        }

        _dirty = true;
        WaitForCache();
    }

    // The exact barrier: a plan never misses what its own commands did.
    private void WaitForCache()
    {
        var self = Self;
        _services.Cache.ReachedAsync(Math.Max(_barrier, _cause), CancellationToken.None)
            .PipeTo(self, success: () => CacheReached.Instance, failure: _ => CacheReached.Instance);
    }

    private void Planned()
    {
        if (_awaited > 0)
        {
            return;
        }

        // A plan over many dependents is dear: after one that only looked, the host does other things for three times as long.
        if (_pause - _services.Time.GetElapsedTime(_plannedAt) is var left && left > TimeSpan.Zero)
        {
            Timers.StartSingleTimer(PauseOver.Instance, PauseOver.Instance, left);
            return;
        }

        _dirty = false;
        if (_state is null || _controller is null)
        {
            return;
        }

        var start = _services.Time.GetTimestamp();
        var plan = _controller.Plan(_state, _services.Cache, new PlanContext(_services.Time.GetUtcNow(), _cause, _services.Ids.NewSuffix));
        _plannedAt = _services.Time.GetTimestamp();
        var taken = _services.Time.GetElapsedTime(start, _plannedAt);
        _pause = taken < UnnoticedPlan || plan.Advances ? TimeSpan.Zero : taken * 3 < MaxPause ? taken * 3 : MaxPause;
        if (plan.RecheckAfter is { } after)
        {
            Timers.StartSingleTimer(PlanDue.Instance, PlanDue.Instance, after);
        }

        _awaited = plan.Commands.Length;
        if (_awaited == 0)
        {
            (_failures, _collisions) = (0, 0);
            return;
        }

        Timers.StartSingleTimer(RepliesOverdue.Instance, RepliesOverdue.Instance, ReplyBound);
        foreach (var command in plan.Commands)
        {
            _services.Region().Tell(command, Self);
        }
    }

    private void Acknowledge(CommandReply reply)
    {
        if (_awaited == 0)
        {
            return;
        }

        _barrier = Math.Max(_barrier, reply.Revision);
        if (reply.Error is { Reason: ApiReason.AlreadyExists } && ++_collisions < MaxCollisions)
        {
            // A generated name was taken: the next plan draws another one.
        }
        else if (reply.Error is { Reason: not (ApiReason.NotFound or ApiReason.Conflict) } error)
        {
            _failures++;
            Log.Warning("{0}: a command of the plan was refused: {1}", PersistenceId, error.Message);
        }

        if (--_awaited > 0)
        {
            return;
        }

        Timers.Cancel(RepliesOverdue.Instance);
        if (_failures > 0)
        {
            _dirty = false;
            Timers.StartSingleTimer(PlanDue.Instance, PlanDue.Instance, TimeSpan.FromSeconds(Math.Min(60, Math.Pow(2, _failures))));
            return;
        }

        _dirty = true;
        WaitForCache();
    }

    private void Overdue()
    {
        Log.Warning("{0}: {1} commands of the plan were not answered in {2}; planning again", PersistenceId, _awaited, ReplyBound);
        _awaited = 0;
        _dirty = false;
        Dirty(_cause);
    }

    private sealed record CacheReached { public static readonly CacheReached Instance = new(); }

    private sealed record PauseOver { public static readonly PauseOver Instance = new(); }

    private sealed record PlanDue { public static readonly PlanDue Instance = new(); }

    private sealed record RepliesOverdue { public static readonly RepliesOverdue Instance = new(); }
}
