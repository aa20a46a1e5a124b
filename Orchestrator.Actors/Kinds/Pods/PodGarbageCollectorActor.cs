using Akka.Actor;
using Akka.Event;
using Orchestrator.Actors.Api;
using Orchestrator.Actors.Entities;
using Orchestrator.Actors.Feed;
using Orchestrator.Actors.Kinds.Nodes;

namespace Orchestrator.Actors.Kinds.Pods;

/// <summary>The singleton that runs <see cref="PodGarbageCollector"/>: when a node was deleted, and once a minute.</summary>
public sealed class PodGarbageCollectorActor : ReceiveActor, IWithTimers
{
    private const string By = "system:pod-garbage-collector";
    private static readonly TimeSpan Period = TimeSpan.FromMinutes(1);
    private readonly ObjectCache _cache;
    private readonly TimeProvider _time;
    private readonly CommandOutbox<ObjectKey> _commands;

    // The time since which a node to which pods are bound has been absent.
    private readonly Dictionary<string, long> _absent = [];
    private IDisposable? _feed;

    /// <summary>Use <see cref="Props"/>.</summary>
    public PodGarbageCollectorActor(ObjectCache cache, Func<IActorRef> region, TimeProvider time)
    {
        (_cache, _time) = (cache, time);
        _commands = new CommandOutbox<ObjectKey>(region, new OutboxOwner(Self, this, time, Context.GetLogger()), ObjectCommand.BulkReplyBound, retry: null);
        Receive<Pass>(_ => Collect());
        Receive<CommandReply>(reply => _commands.Take(reply));
        Receive<CommandsDue>(_ => _commands.TakeDue()); // Refused commands are planned again by the next pass.
    }

    /// <inheritdoc/>
    public ITimerScheduler Timers { get; set; } = null!;

    /// <summary>Creates the actor's props.</summary>
    public static Props Props(ObjectCache cache, Func<IActorRef> region, TimeProvider time) =>
        Akka.Actor.Props.Create(() => new PodGarbageCollectorActor(cache, region, time));

    /// <inheritdoc/>
    protected override void PreStart()
    {
        var self = Self;
        _feed = _cache.Listen(batch =>
        {
            if (batch.Changes.Any(c => c.Object.Kind == NodeDefinition.Instance && c.Type == "DELETED"))
            {
                self.Tell(Pass.Instance);
            }
        });
        self.Tell(Pass.Instance);
        Timers.StartPeriodicTimer(Period, Pass.Instance, Period, Period);
    }

    /// <inheritdoc/>
    protected override void PostStop() => _feed?.Dispose();

    private void Collect()
    {
        var pods = _cache.Snapshot(PodDefinition.Instance).Objects.ToList();
        var nodes = _cache.Snapshot(NodeDefinition.Instance);
        var missing = pods.Select(p => p.NodeName).OfType<string>().Where(n => n.Length > 0).Distinct().Where(n => nodes.Find("", n) is null).ToHashSet();
        foreach (var back in _absent.Keys.Except(missing).ToList())
        {
            _absent.Remove(back);
        }

        foreach (var node in missing.Where(n => _absent.TryAdd(n, _time.GetTimestamp())))
        {
            Timers.StartSingleTimer(node, Pass.Instance, PodGarbageCollector.Quarantine);
        }

        foreach (var pod in PodGarbageCollector.Plan(pods, n => _absent.TryGetValue(n, out var since) && _time.GetElapsedTime(since) >= PodGarbageCollector.Quarantine))
        {
            foreach (var command in PodGarbageCollector.Remove(pod, By, _time.GetUtcNow()))
            {
                _commands.Send(pod.Key, command);
            }
        }
    }

    private sealed record Pass { public static readonly Pass Instance = new(); }
}
