using System.Collections.Immutable;
using Akka.Actor;
using Orchestrator.Actors.Api;
using Orchestrator.Actors.Entities;
using Orchestrator.Actors.Feed;
using Orchestrator.Actors.Logs;

namespace Orchestrator.Actors.Reconcile;

/// <summary>Services of the host for all reconcilers.</summary>
/// <param name="Cache">The cache that controllers read.</param>
/// <param name="Time">The clock.</param>
/// <param name="Ids">Source of uids and name suffixes.</param>
/// <param name="Region">The shard region of all entities.</param>
/// <param name="Trigger">The <see cref="ReconcileTriggerActor"/>.</param>
public sealed record ReconcilerServices(ObjectCache Cache, TimeProvider Time, IIdSource Ids, Func<IActorRef> Region, Func<IActorRef> Trigger);

/// <summary>Runs the controller of one entity in its actor. What is decided when is in <see cref="ReconcileLoop"/>.</summary>
/// <remarks>Its timers last seconds, while the entity is kept awake by messages. For anything later it asks the reconcile trigger, because an idle
/// entity is passivated and its timers end.</remarks>
public sealed class Reconciler : IReconciler
{
    private static readonly TimeSpan CacheBound = TimeSpan.FromSeconds(30);
    private readonly EntityContext _entity;
    private readonly ReconcilerServices _services;
    private readonly ReconcileLoop _loop;
    private readonly CommandOutbox<int> _commands;

    /// <summary>Creates the reconciler of an entity.</summary>
    /// <param name="controller">The controller.</param>
    /// <param name="entity">The entity for which it runs.</param>
    /// <param name="services">See <see cref="ReconcilerServices"/>.</param>
    public Reconciler(IController controller, EntityContext entity, ReconcilerServices services)
    {
        (_entity, _services) = (entity, services);
        _loop = new ReconcileLoop(controller, new Effects(this));

        // No retries: rejected commands are planned again after a back-off that the trigger keeps.
        _commands = new CommandOutbox<int>(services.Region, new OutboxOwner(entity.Self, entity.Owner, services.Time, entity.Log), ObjectCommand.BulkReplyBound, retry: null);
    }

    /// <inheritdoc/>
    public void Wake(long cause) => _loop.Wake(cause);

    /// <inheritdoc/>
    public void Changed(long revision) => _loop.Changed(revision);

    /// <inheritdoc/>
    public void Stopped(bool hasFailed) => _loop.Stopped(hasFailed);

    /// <inheritdoc/>
    public bool Take(object message, KubeObject? state)
    {
        switch (message)
        {
            case CommandReply reply:
                if (_commands.Take(reply) is { } settled)
                {
                    _loop.Acknowledge(settled, state);
                }

                return true;
            case CommandsDue:
                _loop.GiveUp(_commands.TakeDue().GivenUp, state);
                return true;
            case CacheReached:
                _loop.CacheReached(state);
                return true;
            case CacheLate:
                _entity.Log.Warn("The cache has not reached a revision in time; still waiting", ("object", _entity.Key), ("revision", _loop.Awaited), ("seconds", CacheBound.TotalSeconds));
                _loop.WaitForCache();
                return true;
            case PauseOver:
                _loop.WaitForCache();
                return true;
            default:
                return false;
        }
    }

    private sealed class Effects(Reconciler reconciler) : IReconcileEffects
    {
        private readonly ReconcilerServices _services = reconciler._services;
        private readonly EntityContext _entity = reconciler._entity;

        public TimeProvider Time => _services.Time;

        public IClusterView View => _services.Cache;

        public long CacheRevision => _services.Cache.Revision;

        public int Open => reconciler._commands.Open;

        public string NewSuffix() => _services.Ids.NewSuffix();

        public void AwaitCache(long revision)
        {
            var reached = _services.Cache.ReachedAsync(revision, CancellationToken.None);
            if (reached.IsCompletedSuccessfully)
            {
                _entity.Self.Tell(Reconciler.CacheReached.Instance, _entity.Self);
                return;
            }

            reached.WaitAsync(CacheBound, _services.Time).PipeTo(_entity.Self, success: () => Reconciler.CacheReached.Instance, failure: _ => CacheLate.Instance);
        }

        public void Pause(TimeSpan delay) => _entity.Owner.Timers.StartSingleTimer(PauseOver.Instance, PauseOver.Instance, delay);

        public void Send(int index, ObjectCommand command) => reconciler._commands.Send(index, command);

        public void Tell(ObjectCommand command) => _services.Region().Tell(command, _entity.Self);

        public void WakeAfter(TimeSpan delay) => _services.Trigger().Tell(new ReconcileAfter(_entity.Key, delay), ActorRefs.NoSender);

        public void BackedOff(ImmutableArray<RejectedCommand> rejected, TimeSpan delay)
        {
            var first = rejected.FirstOrDefault(r => !r.IsStale) ?? rejected[0];
            _entity.Log.Warn("Commands of a plan were rejected; retrying", ("object", _entity.Key), ("rejected", rejected.Length), ("first", first.Command.Key),
                ("error", first.Error.Message), ("retrySeconds", Math.Round(delay.TotalSeconds)));
        }
    }

    private sealed record CacheReached { public static readonly CacheReached Instance = new(); }

    private sealed record CacheLate { public static readonly CacheLate Instance = new(); }

    private sealed record PauseOver { public static readonly PauseOver Instance = new(); }
}
