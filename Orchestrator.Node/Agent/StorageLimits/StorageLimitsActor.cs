using Akka.Actor;
using Akka.Event;
using Orchestrator.Actors.Api;
using Orchestrator.Actors.Journal;
using Orchestrator.Actors.Kinds.Pods;
using Orchestrator.Actors.Logs;
using Orchestrator.Node.Agent.Eviction;

namespace Orchestrator.Node.Agent.StorageLimits;

/// <summary>Evicts pods that take more of the node's disk than they may: their files are counted in a slow pass. A child of the agent, which it asks for the pods.</summary>
/// <remarks>Nothing tells when a folder grows. A pass looks only at pods with limits, and begins ten seconds after the one before, or nine times as long after it as that took: it is busy for a tenth
/// of the time at most.</remarks>
internal sealed class StorageLimitsActor : ReceiveActor, IWithTimers
{
    private const int RestPerWork = 9;
    private static readonly TimeSpan Period = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan Bound = TimeSpan.FromMinutes(10);
    private readonly AgentServices _services;
    private readonly IPodMeter _meter;
    private readonly ILoggingAdapter _log = Context.GetLogger();
    private readonly CancellationTokenSource _stopping = new();
    private readonly HashSet<string> _told = [];
    private string? _failed;

    public StorageLimitsActor(AgentServices services, IPodMeter meter)
    {
        (_services, _meter) = (services, meter);
        Receive<Due>(_ =>
        {
            // The agent does not answer while it is not attached.
            Again(Period);
            Context.Parent.Tell(EvictionActor.GetPods.Instance);
        });
        Receive<EvictionActor.Pods>(OnPods);
        Receive<Passed>(OnPassed);
        Receive<Failed>(failed =>
        {
            if (failed.Why.Message != _failed)
            {
                _failed = failed.Why.Message;
                _log.Warn("What pods take of the disk cannot be counted", ("object", _services.Key), ("error", _failed));
            }

            Again(Period);
        });
        Again(Period);
    }

    /// <inheritdoc/>
    public ITimerScheduler Timers { get; set; } = null!;

    public static Props Props(AgentServices services, IPodMeter meter) => Akka.Actor.Props.Create(() => new StorageLimitsActor(services, meter));

    /// <inheritdoc/>
    protected override void PostStop() => _stopping.Cancel();

    private void OnPods(EvictionActor.Pods pods)
    {
        var limited = pods.Objects.Where(p => !p.IsDeleting && StorageLimit.IsLimited(PodSpecs.Of(p))).ToList();
        _told.IntersectWith(limited.Select(p => p.Uid));
        if (limited.Count > 0)
        {
            Timers.Cancel(Due.Instance);
            PassAsync(limited).PipeTo(Self, failure: e => new Failed(e));
        }
    }

    private async Task<Passed> PassAsync(List<KubeObject> pods)
    {
        using var bound = CancellationTokenSource.CreateLinkedTokenSource(_stopping.Token);
        bound.CancelAfter(Bound);
        var began = _services.Time.GetTimestamp();
        var uses = await _meter.DiskAsync(pods, bound.Token).WaitAsync(bound.Token).ConfigureAwait(false);
        return new Passed(pods, uses, _services.Time.GetElapsedTime(began));
    }

    private void OnPassed(Passed passed)
    {
        _failed = null;
        Again(passed.Took * RestPerWork is var rest && rest > Period ? rest : Period);
        foreach (var pod in passed.Pods)
        {
            var use = passed.Uses.GetValueOrDefault(pod.Uid, PodUse.None);
            if (StorageLimit.Exceeded(PodSpecs.Of(pod), use) is { } message)
            {
                _log.Warn("A pod is evicted, because it takes more of the disk than it may", ("object", pod.Key), ("error", message));
                Context.Parent.Tell(new EvictionActor.Evict(pod.Uid, EvictionNotice.Exceeded(message), new RecordedEvent("Warning", EvictionNotice.Evicted, message, "kubelet")));
            }
            else if (!(use.Written + use.InVolumes).IsComplete && _told.Add(pod.Uid))
            {
                _log.Warn("A pod has so many files that they are not all counted", ("object", pod.Key), ("count", DiskWalk.Most));
            }
        }
    }

    private void Again(TimeSpan after) => Timers.StartSingleTimer(Due.Instance, Due.Instance, after);

    private sealed record Passed(IReadOnlyList<KubeObject> Pods, IReadOnlyDictionary<string, PodUse> Uses, TimeSpan Took);

    private sealed record Failed(Exception Why);

    private sealed record Due { public static readonly Due Instance = new(); }
}
