using Akka.Actor;
using Akka.Cluster;
using Orchestrator.Actors.Api;
using Orchestrator.Actors.Entities;
using Orchestrator.Actors.Feed;
using Orchestrator.Actors.Wire;

namespace Orchestrator.Actors.Reconcile;

/// <summary>Asks to wake an entity after a delay.</summary>
/// <param name="Key">Object of the entity.</param>
/// <param name="Delay">Delay from now; not a point in time, because the clocks of hosts differ.</param>
public sealed record ReconcileAfter(ObjectKey Key, TimeSpan Delay) : IWireMessage;

/// <summary>The singleton that wakes entities with a controller: all of them when it starts or a control host leaves, then those that a change
/// concerns, each at the time that it asked for, and each once in a slow pass.</summary>
/// <remarks>It replaces Akka's remembered entities, and timers of passivated entities. Nothing is stored: the cache knows which entities exist, and
/// entities plan when it starts and then request their due times. The controller of a kind declares which changes wake it
/// (<see cref="IController.WokenBy"/>).</remarks>
public sealed class ReconcileTriggerActor : ReceiveActor, IWithTimers
{
    private const string ControlRole = "control";

    // A timer cannot wait for months; when it ends and nothing is due, the next one is set.
    private static readonly TimeSpan LongestTimer = TimeSpan.FromDays(1);
    private readonly ObjectCache _cache;
    private readonly WakePlanner _planner;
    private readonly Func<IActorRef> _region;
    private readonly TimeProvider _time;
    private readonly long _began;
    private readonly DueTimes _due = new();
    private readonly SlowPass _pass = new();
    private TimeSpan? _armed;
    private IDisposable? _feed;

    /// <summary>Use <see cref="Props"/>.</summary>
    public ReconcileTriggerActor(ObjectCache cache, IReadOnlyCollection<IController> controllers, Func<IActorRef> region, TimeProvider time)
    {
        (_cache, _region, _time, _began) = (cache, region, time, time.GetTimestamp());
        _planner = new WakePlanner(controllers);
        Receive<FeedBatch>(OnBatch);
        Receive<ReconcileAfter>(OnAsked);
        Receive<TimeIsUp>(_ => OnTime());
        Receive<PassOn>(_ => OnPass());
        Receive<ClusterEvent.MemberRemoved>(removed =>
        {
            if (removed.Member.HasRole(ControlRole))
            {
                WakeAll();
            }
        });
    }

    /// <inheritdoc/>
    public ITimerScheduler Timers { get; set; } = null!;

    private TimeSpan Now => _time.GetElapsedTime(_began);

    /// <summary>Creates the actor's props.</summary>
    /// <param name="cache">The cache whose changes it follows.</param>
    /// <param name="controllers">The controllers of all kinds that have one.</param>
    /// <param name="region">The shard region of all entities.</param>
    /// <param name="time">The clock.</param>
    public static Props Props(ObjectCache cache, IReadOnlyCollection<IController> controllers, Func<IActorRef> region, TimeProvider time) =>
        Akka.Actor.Props.Create(() => new ReconcileTriggerActor(cache, controllers, region, time));

    /// <inheritdoc/>
    protected override void PreStart()
    {
        var self = Self;
        _feed = _cache.Listen(batch => self.Tell(batch));
        if (Context.System.Settings.HasCluster)
        {
            Cluster.Get(Context.System).Subscribe(Self, ClusterEvent.SubscriptionInitialStateMode.InitialStateAsEvents, typeof(ClusterEvent.MemberRemoved));
        }

        WakeAll();
        Timers.StartPeriodicTimer(PassOn.Instance, PassOn.Instance, SlowPass.Step);
    }

    /// <inheritdoc/>
    protected override void PostStop()
    {
        _feed?.Dispose();
        if (Context.System.Settings.HasCluster)
        {
            Cluster.Get(Context.System).Unsubscribe(Self);
        }
    }

    // The pending work and due times of entities on the lost host are unknown.
    private void WakeAll()
    {
        foreach (var item in _planner.All(_cache))
        {
            Wake(item.Key, item.Revision);
        }
    }

    private void OnPass()
    {
        foreach (var key in _pass.Take(Now, () => _planner.All(_cache)))
        {
            Wake(key, 0);
        }
    }

    private void OnAsked(ReconcileAfter asked)
    {
        _due.Add(asked.Key, Now + asked.Delay);
        Arm();
    }

    private void OnTime()
    {
        _armed = null;
        foreach (var key in _due.Take(Now))
        {
            Wake(key, 0);
        }

        Arm();
    }

    private void Arm()
    {
        if (_due.Next is { } next && (_armed is null || next < _armed))
        {
            _armed = next;
            var left = next - Now;
            Timers.StartSingleTimer(TimeIsUp.Instance, TimeIsUp.Instance, left > TimeSpan.Zero ? left < LongestTimer ? left : LongestTimer : TimeSpan.Zero);
        }
    }

    private void OnBatch(FeedBatch batch)
    {
        foreach (var (key, revision) in _planner.Woken(batch, _cache))
        {
            Wake(key, revision);
        }
    }

    private void Wake(ObjectKey key, long cause) => _region().Tell(new WakeObject(key, cause), ActorRefs.NoSender);

    private sealed record PassOn { public static readonly PassOn Instance = new(); }

    private sealed record TimeIsUp { public static readonly TimeIsUp Instance = new(); }
}
