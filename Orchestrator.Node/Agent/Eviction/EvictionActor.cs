using System.Collections.Immutable;
using Akka.Actor;
using Akka.Event;
using Orchestrator.Actors.Api;
using Orchestrator.Actors.Journal;
using Orchestrator.Actors.Kinds.Pods;
using Orchestrator.Actors.Logs;
using Orchestrator.Node.Agent.Images;
using Orchestrator.Node.Agent.Pods;

namespace Orchestrator.Node.Agent.Eviction;

/// <summary>How an agent evicts pods when its node runs short of something.</summary>
/// <param name="Settings">When.</param>
/// <param name="Sampler">Reads what of the node is free.</param>
/// <param name="Meter">Measures pods.</param>
internal sealed record EvictionKeeping(EvictionSettings Settings, INodeSampler Sampler, IPodMeter Meter)
{
    /// <summary>Begins to call when processes of the host wait for memory, until it is disposed; null if nothing says it.</summary>
    public Func<Action, IDisposable?>? Stalls { get; init; }
}

/// <summary>Looks at what of a node is free, like the kubelet's eviction manager: tells the agent what is short, has it free what nobody needs, and evicts one pod after the other until there is enough.
/// A child of the agent.</summary>
/// <remarks>It looks every ten seconds, because the kernel tells neither that a disk fills nor that process ids run out; and at once when what was evicted is gone, or the kernel says that processes wait for
/// memory.</remarks>
internal sealed class EvictionActor : ReceiveActor, IWithTimers
{
    private static readonly TimeSpan Period = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan Bound = TimeSpan.FromMinutes(2);

    // How long the next pod is spared while one that was evicted is not gone yet.
    private static readonly TimeSpan Cleanup = TimeSpan.FromSeconds(30);
    private readonly AgentServices _services;
    private readonly EvictionKeeping _keeping;
    private readonly ILoggingAdapter _log = Context.GetLogger();
    private readonly CancellationTokenSource _stopping = new();
    private PressureState _state = PressureState.Initial;
    private (EvictionThreshold Threshold, NodeSample Sample)? _wanted;
    private (string Uid, DateTimeOffset Until)? _leaving;
    private bool _isReclaiming;
    private bool _hasReclaimed;
    private bool _isMeasuring;
    private bool _isSampling;
    private string? _failed;
    private IDisposable? _stalls;

    public EvictionActor(AgentServices services, EvictionKeeping keeping)
    {
        (_services, _keeping) = (services, keeping);
        Receive<Due>(_ => Sample());
        Receive<NodeSample>(OnSample);
        Receive<Failed>(OnFailed);
        Receive<ImageCollectorActor.Freed>(_ =>
        {
            // The next look comes when pods that have ended are gone too.
            (_hasReclaimed, _isReclaiming) = (true, false);
        });
        Receive<Pods>(OnPods);
        Receive<Measured>(OnMeasured);
        Receive<PodWorkerActor.ContentReleased>(released =>
        {
            if (_leaving?.Uid == released.Uid)
            {
                _leaving = null;
                Sample();
            }
        });
        Timers.StartPeriodicTimer(Due.Instance, Due.Instance, TimeSpan.Zero, Period);
    }

    /// <inheritdoc/>
    public ITimerScheduler Timers { get; set; } = null!;

    public static Props Props(AgentServices services, EvictionKeeping keeping) => Akka.Actor.Props.Create(() => new EvictionActor(services, keeping));

    /// <inheritdoc/>
    protected override void PreStart()
    {
        var self = Self;
        _stalls = _keeping.Stalls?.Invoke(() => self.Tell(Due.Instance));
    }

    /// <inheritdoc/>
    protected override void PostStop()
    {
        _stopping.Cancel();
        _stalls?.Dispose();
    }

    private void Sample()
    {
        if (!_isSampling)
        {
            _isSampling = true;
            BoundAsync(_keeping.Sampler.SampleAsync).PipeTo(Self, failure: e => new Failed(e));
        }
    }

    private void OnSample(NodeSample sample)
    {
        _isSampling = false;
        _failed = null;
        var before = _state;
        _state = before.After(sample, _keeping.Settings);
        if (!_state.Pressures.SetEquals(before.Pressures))
        {
            _log.Inform("What the node is short of has changed", ("object", _services.Key), ("conditions", string.Join(",", _state.Pressures.Order().Select(p => p.Type()))));
            Context.Parent.Tell(new PressuresChanged(_state.Pressures));
        }

        if (_state.Due(sample.At) is not [var threshold, ..])
        {
            (_wanted, _hasReclaimed) = (null, false);
            return;
        }

        if (_leaving is { } leaving && leaving.Until > sample.At)
        {
            return;
        }

        if (_wanted is null)
        {
            _services.Record(new RecordedEvent("Warning", "EvictionThresholdMet", $"Attempting to reclaim {threshold.Signal.Resource()}", "kubelet"));
        }

        _wanted = (threshold, sample);
        if (_isMeasuring || _isReclaiming)
        {
            return;
        }

        if (threshold.Signal.Pressure() == NodePressure.Disk && !_hasReclaimed)
        {
            _isReclaiming = true;
            Context.Parent.Tell(ReclaimDisk.Instance);
        }
        else
        {
            _hasReclaimed = false;
            Context.Parent.Tell(GetPods.Instance);
        }
    }

    private void OnPods(Pods pods)
    {
        if (_wanted is { } wanted && !_isMeasuring)
        {
            _isMeasuring = true;
            BoundAsync(async cancellation => new Measured(wanted.Threshold, wanted.Sample, pods.Objects, await (wanted.Threshold.Signal.Pressure() == NodePressure.Disk
                ? _keeping.Meter.DiskAsync(pods.Objects, cancellation) : _keeping.Meter.RunningAsync(pods.Objects, cancellation)).ConfigureAwait(false)))
                .PipeTo(Self, failure: e => new Failed(e, IsMeasuring: true));
        }
    }

    private void OnMeasured(Measured measured)
    {
        _isMeasuring = false;

        // Another look may have been faster.
        if (_wanted is null || _leaving?.Until > measured.Sample.At)
        {
            return;
        }

        var order = EvictionOrder.Of(measured.Pods.Where(p => !p.IsDeleting).Select(p => new EvictionCandidate(PodManifest.Of(p), measured.Uses.GetValueOrDefault(p.Uid, PodUse.None))),
            measured.Threshold.Signal, measured.Sample.HasOwnImagefs, _services.StaticPods is not null);
        if (order is not [var victim, ..])
        {
            Say("no pod of the node may be evicted");
            return;
        }

        var why = EvictionNotice.Failure(victim, measured.Threshold, measured.Sample, _keeping.Settings.MaxPodGrace);
        var uid = victim.Pod.Metadata.Uid;
        _leaving = (uid, measured.Sample.At + (why.Grace ?? TimeSpan.Zero) + Cleanup);
        _log.Warn("A pod is evicted", ("object", PodDefinition.Instance.Key(victim.Pod.Metadata.NamespaceProperty, victim.Pod.Metadata.Name)), ("signal", measured.Threshold.Signal.Name()), ("error", why.Message));
        Context.Parent.Tell(new Evict(uid, why, EvictionNotice.Event(why, measured.Threshold, measured.Sample)));
    }

    private void OnFailed(Failed failed)
    {
        (_isSampling, _isMeasuring) = (failed.IsMeasuring && _isSampling, !failed.IsMeasuring && _isMeasuring);
        Say(failed.Why is OperationCanceledException or TimeoutException ? "no answer in time" : failed.Why.Message);
    }

    // Once for each trouble, not for each look.
    private void Say(string why)
    {
        if (_failed != why)
        {
            _failed = why;
            _log.Warn("What the node is short of cannot be got back", ("object", _services.Key), ("error", why));
        }
    }

    private async Task<T> BoundAsync<T>(Func<CancellationToken, Task<T>> call)
    {
        using var bound = CancellationTokenSource.CreateLinkedTokenSource(_stopping.Token);
        bound.CancelAfter(Bound);
        return await call(bound.Token).WaitAsync(bound.Token).ConfigureAwait(false);
    }

    /// <summary>What the node is short of, told to the agent when it changes.</summary>
    internal sealed record PressuresChanged(ImmutableHashSet<NodePressure> Pressures);

    /// <summary>Asks the agent to remove what nobody needs from the disk. The answer is <see cref="ImageCollectorActor.Freed"/>.</summary>
    internal sealed record ReclaimDisk { public static readonly ReclaimDisk Instance = new(); }

    /// <summary>Asks the agent for the pods that have not ended. It answers with <see cref="Pods"/> while it is attached and its runtime answers, otherwise not at all.</summary>
    internal sealed record GetPods { public static readonly GetPods Instance = new(); }

    /// <summary>The pods of the node that have not ended.</summary>
    internal sealed record Pods(IReadOnlyCollection<KubeObject> Objects);

    /// <summary>Tells the agent to evict a pod.</summary>
    internal sealed record Evict(string PodUid, PodFailure Why, RecordedEvent Event);

    private sealed record Measured(EvictionThreshold Threshold, NodeSample Sample, IReadOnlyCollection<KubeObject> Pods, IReadOnlyDictionary<string, PodUse> Uses);

    private sealed record Failed(Exception Why, bool IsMeasuring = false);

    private sealed record Due { public static readonly Due Instance = new(); }
}
