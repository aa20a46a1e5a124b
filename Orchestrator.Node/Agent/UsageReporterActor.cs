using Akka.Actor;
using Akka.Event;
using Orchestrator.Actors.Api;
using Orchestrator.Actors.Logs;

namespace Orchestrator.Node.Agent;

/// <summary>How an agent reports what its node and its pods use.</summary>
/// <param name="Stats">Reads the counters.</param>
/// <param name="Receivers">Takes reports to all control hosts.</param>
/// <param name="Resolution">Time between two samples.</param>
internal sealed record UsageReporting(IContainerStats Stats, IActorRef Receivers, TimeSpan Resolution);

/// <summary>Samples what the pods of a node use, one pass over all at a time, and reports it to the control hosts. A child of the agent, which it asks for the pods.</summary>
internal sealed class UsageReporterActor : ReceiveActor, IWithTimers
{
    private static readonly TimeSpan Bound = TimeSpan.FromSeconds(10);
    private readonly AgentServices _services;
    private readonly UsageReporting _reporting;
    private readonly ILoggingAdapter _log = Context.GetLogger();
    private readonly CancellationTokenSource _stopping = new();
    private RuntimeStats? _before;
    private bool _isSampling;
    private bool _hasFailed;

    public UsageReporterActor(AgentServices services, UsageReporting reporting)
    {
        (_services, _reporting) = (services, reporting);
        Receive<Due>(_ => Context.Parent.Tell(GetPods.Instance), _ => !_isSampling);
        Receive<Pods>(pods => Sample(pods.Objects), _ => !_isSampling);
        Receive<RuntimeStats>(Report);
        Receive<Failed>(failed =>
        {
            _isSampling = false;
            if (!_hasFailed)
            {
                _log.Warn("The node has no metrics, because its runtime does not say what containers use", ("object", _services.Key), ("error", failed.Why.Message));
            }

            _hasFailed = true;
        });
        Receive<Due>(_ => { });
        Receive<Pods>(_ => { });
        Timers.StartPeriodicTimer(Due.Instance, Due.Instance, TimeSpan.Zero, reporting.Resolution);
    }

    /// <inheritdoc/>
    public ITimerScheduler Timers { get; set; } = null!;

    public static Props Props(AgentServices services, UsageReporting reporting) => Akka.Actor.Props.Create(() => new UsageReporterActor(services, reporting));

    /// <inheritdoc/>
    protected override void PostStop() => _stopping.Cancel();

    private void Sample(IReadOnlyCollection<KubeObject> pods)
    {
        _isSampling = true;
        SampleAsync(pods).PipeTo(Self, failure: e => new Failed(e is OperationCanceledException ? new TimeoutException($"no answer in {Bound.TotalSeconds:0} s") : e));
    }

    private async Task<RuntimeStats> SampleAsync(IReadOnlyCollection<KubeObject> pods)
    {
        using var bound = new CancellationTokenSource(Bound, _services.Time);
        using var cancellation = CancellationTokenSource.CreateLinkedTokenSource(bound.Token, _stopping.Token);
        return await _reporting.Stats.StatsAsync(pods, cancellation.Token).WaitAsync(cancellation.Token).ConfigureAwait(false);
    }

    private void Report(RuntimeStats now)
    {
        (_isSampling, _hasFailed) = (false, false);
        _reporting.Receivers.Tell(UsageRates.Report(_services.Node, _before, now, _reporting.Resolution));
        _services.Stats.Keep(_before, now);
        _before = now;
    }

    /// <summary>Asks the agent for its pods. It answers with <see cref="Pods"/> while it is attached and its runtime answers, otherwise not at all.</summary>
    internal sealed record GetPods { public static readonly GetPods Instance = new(); }

    /// <summary>The pods of the node in their newest version.</summary>
    internal sealed record Pods(IReadOnlyCollection<KubeObject> Objects);

    private sealed record Failed(Exception Why);

    private sealed record Due { public static readonly Due Instance = new(); }
}
