using Akka.Actor;
using Akka.Cluster.Sharding;
using Akka.Persistence;
using Orchestrator.Actors.Api;
using Orchestrator.Actors.Journal;
using Orchestrator.Actors.Logs;
using Orchestrator.Actors.Resources;

namespace Orchestrator.Actors.Entities;

/// <summary>What every entity needs from its host.</summary>
/// <param name="Time">The clock.</param>
/// <param name="Ids">Source of uids.</param>
/// <param name="Registry">The kinds that are served.</param>
/// <param name="View">What admission may look up.</param>
/// <param name="Reconciler">Creates the reconciler of an entity; null for a kind without a controller.</param>
/// <param name="Events">Logs the Kubernetes Events that are stored; null if nobody does.</param>
public sealed record EntityServices(
    TimeProvider Time, IIdSource Ids, ResourceRegistry Registry, IAdmissionView View, Func<ResourceDefinition, EntityContext, IReconciler?> Reconciler, EventLog? Events = null)
{
    /// <summary>Keeps what the objects of a namespace may use together; null if nothing is bounded.</summary>
    public IRoomKeeper? Rooms { get; init; }

    /// <summary>Gives objects what exists once in the cluster; null if nothing is given.</summary>
    public IAllocator? Allocator { get; init; }
}

/// <summary>The actor of one object, a persistent entity of cluster sharding: decides each command, persists its events, replies. If the kind has a
/// controller, it also runs an <see cref="IReconciler"/>.</summary>
public sealed class EntityActor : UntypedPersistentActor, IWithTimers
{
    private const int SnapshotEvery = 50;

    private readonly ObjectKey _key;
    private readonly EntityServices _services;
    private ResourceDefinition? _kind;
    private IReconciler? _reconciler;
    private KubeObject? _state;
    private ApiError? _unreadable;
    private long _revision;
    private long _correlationId;
    private bool _hasFailed;

    // Two allocations at once could choose the same, and the one that is given back would be that of the other.
    private bool _isAllocating;

    // A stop does not wait for the journal: what is stored then, nobody has acted on.
    private bool _isStoring;

    /// <summary>Use <see cref="Props"/>.</summary>
    public EntityActor(string persistenceId, EntityServices services)
    {
        PersistenceId = persistenceId;
        _services = services;
        _key = ObjectKey.Parse(persistenceId) ?? throw new ArgumentException($"{persistenceId} is not an object's id", nameof(persistenceId));
        _kind = services.Registry.ByResource(_key.Resource);
    }

    /// <inheritdoc/>
    public override string PersistenceId { get; }

    /// <inheritdoc/>
    public ITimerScheduler Timers { get; set; } = null!;

    /// <summary>Creates the props of one object's actor.</summary>
    public static Props Props(string persistenceId, EntityServices services) =>
        Akka.Actor.Props.Create(() => new EntityActor(persistenceId, services));

    /// <inheritdoc/>
    protected override void PreStart()
    {
        EntityInstruments.Entities.Add(1);
        _reconciler = _kind is null ? null : _services.Reconciler(_kind, new EntityContext(_key, Self, this, Log));
        base.PreStart();
    }

    /// <inheritdoc/>
    protected override void PostStop()
    {
        EntityInstruments.Entities.Add(-1);
        _reconciler?.Stopped(_hasFailed || _isStoring);
        base.PostStop();
    }

    /// <inheritdoc/>
    protected override void OnPersistFailure(Exception cause, object @event, long sequenceNr)
    {
        _hasFailed = true;
        Sender.Tell(new CommandReply(null, JournalFault.ToError(cause)) { CorrelationId = _correlationId });
        base.OnPersistFailure(cause, @event, sequenceNr);
    }

    /// <inheritdoc/>
    protected override void OnRecoveryFailure(Exception reason, object? message = null)
    {
        _hasFailed = true;
        base.OnRecoveryFailure(reason, message);
    }

    /// <inheritdoc/>
    protected override void OnRecover(object message)
    {
        if (_unreadable is not null || _kind is null)
        {
            return;
        }

        try
        {
            switch (message)
            {
                case ObjectEvent e:
                    (_state, _revision) = (ObjectState.Apply(_kind, _state, e), e.Revision);
                    break;
                case SnapshotOffer offer:
                    var snapshot = (ObjectSnapshot)offer.Snapshot;
                    (_state, _revision) = (snapshot.ToObject(_kind), snapshot.Revision);
                    break;
            }
        }
        catch (Exception e) when (ObjectState.IsUnreadable(e))
        {
            // If the actor stopped, every request would time out. It replies with the reason instead, and writes nothing.
            _unreadable = new ApiError(ApiReason.InternalError,
                $"the history of {PersistenceId} cannot be read after revision {_revision}: {e.Message} Nothing is changed until it can be.");
            Log.Fail(e, "The history of the object cannot be read after a revision; nothing is changed until it can be", ("object", _key), ("revision", _revision));
        }
    }

    /// <inheritdoc/>
    protected override void OnCommand(object message)
    {
        switch (message)
        {
            case WakeObject wake:
                _reconciler?.Wake(wake.Cause);
                break;
            case ObjectCommand command:
                Handle(command, Held.Nothing);
                break;
            case Reserved reserved:
                Handle(reserved.Command, reserved.Held);
                break;
            case ReservationRefused refused:
                GiveBack(refused.Held);
                Sender.Tell(new CommandReply(null, refused.Error) { CorrelationId = refused.Command.CorrelationId });
                break;
            case SaveSnapshotSuccess:
                break;
            case SaveSnapshotFailure failure:
                Log.Warn(failure.Cause, "A snapshot failed; the journal still has everything", ("object", _key));
                break;
            default:
                if (_reconciler?.Take(message, _state) != true)
                {
                    Unhandled(message);
                }

                break;
        }
    }

    private void Handle(ObjectCommand command, Held held)
    {
        if (!held.Holds(_revision, _services.Time.GetUtcNow()))
        {
            // The object changed while something was reserved for it, and with it what it needs; or it took too long.
            GiveBack(held);
            held = Held.Nothing;
        }

        // A definition can change, or go, while the entity is awake.
        if (_kind is null || _services.Registry.ByResource(_key.Resource) is not { } kind)
        {
            // What defines the kind has not reached this host, or is gone. The next command starts the entity anew.
            GiveBack(held);
            Sender.Tell(new CommandReply(null, new ApiError(ApiReason.ServiceUnavailable, $"this host does not serve {_key.Resource} yet: try again")) { CorrelationId = command.CorrelationId });
            Context.Parent.Tell(new Passivate(PoisonPill.Instance));
            return;
        }

        (_kind, _state) = (kind, _state?.Under(kind));
        var decision = _unreadable is null
            ? AdmittedDecider.Decide(kind, _state, held.Allocation?.Complete(command) ?? command, new DecideContext(_services.Time.GetUtcNow(), _services.Ids.NewUid()) { View = _services.View })
            : Decision.Reject(_unreadable);
        if (decision.Error is null && held.Allocation is null && After(kind, command, decision) is { } lacking)
        {
            if (_isAllocating)
            {
                Stash.Stash();
                return;
            }

            if (_services.Allocator!.Propose(_state, lacking) is { } proposal)
            {
                Allocate(proposal, command, lacking);
                return;
            }
        }

        if (decision.Error is not null || decision.Events.IsEmpty)
        {
            GiveBack(held);
            Sender.Tell(new CommandReply(decision.Error is null ? _state : null, decision.Error, _state is null, _revision, _revision) { CorrelationId = command.CorrelationId });
            return;
        }

        if (held.Room is null && Demand(kind, command, decision) is { } demand)
        {
            Reserve(command, held with { Room = demand });
            return;
        }

        var (before, beforeRevision) = (_state, _state?.Revision ?? 0);
        var requester = Sender;
        (_correlationId, _isStoring) = (command.CorrelationId, true);
        PersistAll(
            decision.Events,
            e =>
            {
                (_state, _revision) = (ObjectState.Apply(kind, _state, e), e.Revision);
                if (!e.RecordedEvents.IsDefaultOrEmpty)
                {
                    _services.Events?.Take(_key, e);
                }
            },
            () =>
            {
                _isStoring = false;
                if (_services.Allocator?.Serves(kind) == true)
                {
                    EndAllocation(held);
                    _services.Allocator.Settle(before, _state, _revision);
                }

                requester.Tell(new CommandReply(_state ?? before!.At(_revision), null, _state is null, _revision, beforeRevision) { CorrelationId = command.CorrelationId });
                if (LastSequenceNr % SnapshotEvery == 0)
                {
                    SaveSnapshot(ObjectSnapshot.Of(_state, _revision));
                }

                _reconciler?.Changed(_revision);
            });
    }

    // What the object will use more of what its namespace is bounded in. Its entity asks for it, whoever sent the command.
    private RoomDemand? Demand(ResourceDefinition kind, ObjectCommand command, Decision decision) =>
        _services.Rooms is { } rooms && command is CreateObject or ReplaceObject { Subresource: "" } && rooms.IsBounded(_key.Namespace)
            && decision.Events is [{ IsDeletion: false } e]
            ? rooms.Demand(command, _state, KubeObject.Next(kind, _state, e.Delta ?? [], _revision), _revision)
            : null;

    // Other commands are handled meanwhile; this one is decided anew when there is an answer.
    private void Reserve(ObjectCommand command, Held held) => _services.Rooms!.ReserveAsync(held.Room!).PipeTo(Self, Sender,
        success: error => error is null ? new Reserved(command, held) : new ReservationRefused(command, held with { Room = null }, error),
        failure: e => new ReservationRefused(command, held with { Room = null }, new ApiError(ApiReason.ServiceUnavailable, $"the quotas of the namespace cannot be asked: {e.Message}")));

    // The object as it will be, if it is of a kind that is given something; null otherwise.
    private KubeObject? After(ResourceDefinition kind, ObjectCommand command, Decision decision) =>
        _services.Allocator?.Serves(kind) != true || command is not (CreateObject or ReplaceObject { Subresource: "" }) || decision.Events.Any(e => e.IsDeletion) ? null
        : decision.Events is [{ } e] ? KubeObject.Next(kind, _state, e.Delta ?? [], _revision) : _state;

    private void Allocate(AllocationProposal proposal, ObjectCommand command, KubeObject after)
    {
        _isAllocating = true;
        _services.Allocator!.AllocateAsync(proposal, command, _state, after, _revision).PipeTo(Self, Sender,
            success: reply => reply.Error is null ? new Reserved(command, new Held(null, reply.Allocation)) : new ReservationRefused(command, Held.Nothing with { IsOfAllocation = true }, reply.Error),
            failure: e => new ReservationRefused(command, Held.Nothing with { IsOfAllocation = true }, new ApiError(ApiReason.ServiceUnavailable, $"nothing can be reserved for the object: {e.Message}")));
    }

    private void GiveBack(Held held)
    {
        if (held.Room is { } room)
        {
            _services.Rooms!.Release(room);
        }

        if (held.Allocation is { } allocation)
        {
            _services.Allocator!.Release(allocation);
        }

        EndAllocation(held);
    }

    private void EndAllocation(Held held)
    {
        if (held.Allocation is not null || held.IsOfAllocation)
        {
            _isAllocating = false;
            Stash.UnstashAll();
        }
    }

    // What is reserved for a command.
    private sealed record Held(RoomDemand? Room, Allocation? Allocation)
    {
        public static readonly Held Nothing = new(null, null);

        // Of an allocation that was refused.
        public bool IsOfAllocation { get; init; }

        public bool Holds(long revision, DateTimeOffset now) => Room?.Holds(revision, now) != false && Allocation?.Holds(revision, now) != false;
    }

    private sealed record Reserved(ObjectCommand Command, Held Held);

    private sealed record ReservationRefused(ObjectCommand Command, Held Held, ApiError Error);
}
