using System.Collections.Immutable;
using Akka.Actor;
using Akka.Event;
using Orchestrator.Actors.Api;
using Orchestrator.Actors.Journal;
using Orchestrator.Actors.Kinds.Pods;
using Orchestrator.Actors.Logs;
using Orchestrator.Node.Agent.Pods;

namespace Orchestrator.Node.Agent.Shutdown;

/// <summary>Ends the pods of a node whose machine shuts down, like the kubelet's shutdown manager: one group of priorities after the other, each within its time. A child of the agent.</summary>
internal sealed class ShutdownActor : ReceiveActor, IWithTimers
{
    private readonly AgentServices _services;
    private readonly NodeShutdown _shutdown;
    private readonly ILoggingAdapter _log = Context.GetLogger();
    private ImmutableQueue<(ShutdownGroup Group, ImmutableArray<string> Uids)> _groups = [];
    private ImmutableHashSet<string> _ending = [];
    private bool _isUnderWay;

    public ShutdownActor(AgentServices services, NodeShutdown shutdown)
    {
        (_services, _shutdown) = (services, shutdown);
        Receive<Begin>(_ => OnBegin(), _ => !_isUnderWay);
        Receive<Begin>(_ => { });
        Receive<Cancel>(_ => OnCancel(), _ => _isUnderWay);
        Receive<Cancel>(_ => { });
        Receive<Pods>(pods =>
        {
            _groups = [.. ShutdownPlan.Of(_shutdown.Settings.Groups, pods.Objects.Select(p => (p.Uid, PodSpecs.Of(p).Priority ?? 0)))];
            Next();
        }, _ => _isUnderWay);
        Receive<PodEnded>(ended =>
        {
            _ending = _ending.Remove(ended.Uid);
            if (_ending.IsEmpty)
            {
                Next();
            }
        }, ended => _isUnderWay && _ending.Contains(ended.Uid));
        Receive<PodEnded>(ended => _groups = [.. _groups.Select(g => (g.Group, g.Uids.Remove(ended.Uid)))], _ => _isUnderWay);
        Receive<TimeIsOver>(_ => Next(), _ => _isUnderWay);
        ReceiveAny(_ => { });
    }

    /// <inheritdoc/>
    public ITimerScheduler Timers { get; set; } = null!;

    public static Props Props(AgentServices services, NodeShutdown shutdown) => Akka.Actor.Props.Create(() => new ShutdownActor(services, shutdown));

    /// <inheritdoc/>
    protected override void PreStart() => _shutdown.Follow(Self);

    /// <inheritdoc/>
    protected override void PostStop() => _shutdown.Leave(Self);

    private void OnBegin()
    {
        _isUnderWay = true;
        _log.Warn("The machine shuts down; the pods of the node end", ("object", _services.Key), ("seconds", _shutdown.Settings.Total.TotalSeconds));
        _services.Record(new RecordedEvent("Normal", "Shutdown", "Shutdown manager detected shutdown event", "kubelet"));
        Context.Parent.Tell(new Changed(true));
        Context.Parent.Tell(GetPods.Instance);
    }

    private void OnCancel()
    {
        (_isUnderWay, _groups, _ending) = (false, [], []);
        Timers.CancelAll();
        _services.Record(new RecordedEvent("Normal", "Shutdown", "Shutdown manager detected shutdown cancellation", "kubelet"));
        Context.Parent.Tell(new Changed(false));
    }

    private void Next()
    {
        Timers.CancelAll();
        if (!_ending.IsEmpty)
        {
            _log.Warn("Pods have not ended in the time that they had", ("object", _services.Key), ("count", _ending.Count));
        }

        if (_groups.IsEmpty)
        {
            _ending = [];
            _shutdown.Done(Self);
            return;
        }

        _groups = _groups.Dequeue(out var next);
        _ending = [.. next.Uids];
        if (_ending.IsEmpty)
        {
            // All of them have ended already.
            Next();
            return;
        }

        foreach (var uid in next.Uids)
        {
            Context.Parent.Tell(new End(uid, ShutdownPlan.Failure(next.Group)));
        }

        Timers.StartSingleTimer(TimeIsOver.Instance, TimeIsOver.Instance, next.Group.Period);
    }

    /// <summary>The machine shuts down.</summary>
    internal sealed record Begin { public static readonly Begin Instance = new(); }

    /// <summary>It does not after all.</summary>
    internal sealed record Cancel { public static readonly Cancel Instance = new(); }

    /// <summary>Tells the agent whether the machine shuts down.</summary>
    internal sealed record Changed(bool IsShuttingDown);

    /// <summary>Asks the agent for the pods that have not ended. It answers with <see cref="Pods"/>.</summary>
    internal sealed record GetPods { public static readonly GetPods Instance = new(); }

    /// <summary>The pods of the node that have not ended.</summary>
    internal sealed record Pods(IReadOnlyCollection<KubeObject> Objects);

    /// <summary>Tells the agent to end a pod.</summary>
    internal sealed record End(string PodUid, PodFailure Why);

    /// <summary>A pod has ended, and everybody can read it; or it is gone.</summary>
    internal sealed record PodEnded(string Uid);

    private sealed record TimeIsOver { public static readonly TimeIsOver Instance = new(); }
}
