using Akka.Actor;
using Akka.Event;
using Orchestrator.Actors.Api;
using Orchestrator.Actors.Entities;
using Orchestrator.Actors.Feed;

namespace Orchestrator.Actors.Kinds.Pods;

/// <summary>The singleton that runs <see cref="EphemeralClaims"/>: for each new pod, and when a claim goes whose name a pod needs.</summary>
public sealed class EphemeralClaimActor : ReceiveActor, IWithTimers
{
    private const string By = "system:ephemeral-volume-controller";
    private readonly ObjectCache _cache;
    private readonly CommandOutbox<ObjectKey> _commands;
    private IDisposable? _feed;

    /// <summary>Use <see cref="Props"/>.</summary>
    public EphemeralClaimActor(ObjectCache cache, Func<IActorRef> region, TimeProvider time)
    {
        _cache = cache;
        _commands = new CommandOutbox<ObjectKey>(region, new OutboxOwner(Self, this, time, Context.GetLogger()), ObjectCommand.ReplyBound, RetryPolicy.Default);
        Receive<Look>(look =>
        {
            foreach (var key in look.Pods)
            {
                Create(key);
            }
        });
        Receive<CommandReply>(reply => _commands.Take(reply));
        Receive<CommandsDue>(_ =>
        {
            foreach (var key in _commands.TakeDue().Again)
            {
                Create(key);
            }
        });
    }

    /// <inheritdoc/>
    public ITimerScheduler Timers { get; set; } = null!;

    /// <summary>Creates the actor's props.</summary>
    public static Props Props(ObjectCache cache, Func<IActorRef> region, TimeProvider time) => Akka.Actor.Props.Create(() => new EphemeralClaimActor(cache, region, time));

    /// <inheritdoc/>
    protected override void PreStart()
    {
        var self = Self;
        _feed = _cache.Listen(batch =>
        {
            var pods = batch.Changes.SelectMany(c => EphemeralClaims.Concerned(c, _cache)).Distinct().ToList();
            if (pods.Count > 0)
            {
                self.Tell(new Look(pods));
            }
        });
        self.Tell(new Look([.. _cache.Snapshot(PodDefinition.Instance).Objects.Where(EphemeralClaims.HasClaims).Select(p => p.Key)]));
    }

    /// <inheritdoc/>
    protected override void PostStop() => _feed?.Dispose();

    private void Create(ObjectKey key)
    {
        if (_cache.Find(key) is { } pod)
        {
            foreach (var command in EphemeralClaims.Missing(pod, _cache, By))
            {
                _commands.Send(key, command);
            }
        }
    }

    private sealed record Look(IReadOnlyList<ObjectKey> Pods);
}
