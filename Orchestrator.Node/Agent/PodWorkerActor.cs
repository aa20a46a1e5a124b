using System.Text.Json;
using Akka.Actor;
using Akka.Event;
using Orchestrator.Actors.Api;
using Orchestrator.Actors.Entities;
using Orchestrator.Actors.Journal;
using Orchestrator.Actors.Kinds.Pods;
using Orchestrator.Actors.Logs;
using Orchestrator.Node.Agent.Eviction;
using Orchestrator.Node.Agent.Launch;
using Orchestrator.Node.Agent.Pods;

namespace Orchestrator.Node.Agent;

/// <summary>Runs one pod on this host, like a pod worker of the kubelet: brings the runtime to its spec one step at a time and reports its status.</summary>
internal sealed class PodWorkerActor : UntypedActor, IWithTimers
{
    private static readonly TimeSpan CreatingShownAfter = TimeSpan.FromMilliseconds(250);
    private static readonly TimeSpan UnexpectedFailureDelay = TimeSpan.FromSeconds(5);
    private const string VolumesKey = "volumes";
    private readonly AgentServices _services;
    private static readonly TimeSpan LongestTimer = TimeSpan.FromDays(1);
    private readonly ILoggingAdapter _log = Context.GetLogger();
    private readonly PodLauncher _launcher;
    private readonly PodSteps _steps;
    private readonly CommandOutbox<PodCommand> _commands;
    private readonly PodReporter _reporter;
    private readonly PodProbes _probes;
    private readonly PodRemoval _removal;
    private readonly RepeatLimit _outOfMemory = new();
    private KubeObject _pod;
    private (long Revision, PodManifest Pod)? _view;
    private RuntimePodStatus? _observed;
    private PodMemory _memory = PodMemory.Empty;
    private CancellationTokenSource? _step;
    private int _stepNumber;
    private bool _isStale = true;
    private bool _hasLooked;
    private int _unexpectedFailures;
    private bool _isLeaving;
    private DateTimeOffset? _sandboxNotBefore;
    private string? _fields;
    private DateTimeOffset? _volumesDue;

    public PodWorkerActor(KubeObject pod, AgentServices services)
    {
        var launcher = _launcher = new PodLauncher(services);
        _pod = pod;
        _services = services;
        var hooks = new PodHooks(services);
        var termination = new PodTermination(services, hooks);
        _steps = new PodSteps(services, launcher, hooks, termination);
        _commands = new CommandOutbox<PodCommand>(services.Entities, new OutboxOwner(Self, this, services.Time, _log), ObjectCommand.ReplyBound, RetryPolicy.Default);
        _reporter = new PodReporter(services, _commands, this);
        _probes = new PodProbes(services, Context);
        _removal = new PodRemoval(services, launcher, termination, _commands, this, Self, _log);
    }

    /// <inheritdoc/>
    public ITimerScheduler Timers { get; set; } = null!;

    private PodManifest Spec => _view?.Revision == _pod.Revision ? _view.Value.Pod : (_view = (_pod.Revision, PodManifest.Of(_pod))).Value.Pod;

    public static Props Props(KubeObject pod, AgentServices services) => Akka.Actor.Props.Create(() => new PodWorkerActor(pod, services));

    /// <inheritdoc/>
    protected override void PreStart()
    {
        Timers.StartSingleTimer(ShowCreating.Instance, ShowCreating.Instance, CreatingShownAfter);

        // A container that was adopted may have missed changes.
        SourceChanged();
        if (_pod.Phase == "Failed" && (string?)_pod.ToNode()["status"]?["reason"] == EvictionNotice.Evicted)
        {
            Unwant();
        }

        Change(_pod);
    }

    /// <inheritdoc/>
    protected override void PostStop() => _step?.Cancel();

    /// <inheritdoc/>
    protected override void OnReceive(object message)
    {
        switch (message)
        {
            case PodChanged changed:
                Change(changed.Pod);
                break;
            case PodGone:
                Remove(TimeSpan.FromSeconds(1), isGone: true);
                break;
            case RuntimeChanged:
                _isStale = true;
                Continue();
                break;
            case SourcesChanged:
                _launcher.Nudge();
                SourceChanged();
                ClaimsChanged();
                Continue();
                break;
            case RuntimeDown:
                _memory = _memory with { IsRuntimeDown = true };
                Report();
                break;
            case StepDone done:
                Done(done);
                break;
            case StepFailed failed:
                Failed(failed);
                break;
            case PodRemoval.Ended ended:
                Removed(ended);
                break;
            case ProbeReport report:
                Probed(report);
                break;
            case ResizeVerdict verdict when verdict.Wanted == _memory.Resize?.Wanted && verdict != _memory.Resize:
                _memory = _memory with { Resize = verdict };
                Continue();
                Show();
                break;
            case ResizeVerdict:
                break;
            case RoomChanged when _memory.Resize is { Answer: ResizeAnswer.Deferred } waits && PodResize.Wanted(Spec.Spec, _observed) == waits.Wanted:
                // Until there is another answer it waits, and its status says so.
                AskRoom(waits.Wanted);
                break;
            case RoomChanged:
                break;
            case Fail fail:
                Fails(fail);
                break;
            case ReleaseContent when Spec.HasEnded:
                Unwant();
                Continue();
                break;
            case ReleaseContent:
                break;
            case Happened happened:
                _reporter.Record(happened.Event);
                Report();
                break;
            case CommandReply reply:
                if (_commands.Take(reply) is { } answered)
                {
                    Settled(answered);
                }

                break;
            case CommandsDue:
                Due();
                break;
            case Wake:
                Continue();
                break;
            case ShowCreating:
                Show();
                break;
            case PodReporter.ReportDue:
                Report();
                break;
            default:
                Unhandled(message);
                break;
        }
    }

    private void Change(KubeObject pod)
    {
        if (pod.Revision > _pod.Revision)
        {
            _pod = pod;
        }

        if (_pod.IsDeleting)
        {
            Remove(Seconds.Wait(Spec.Metadata.DeletionGracePeriodSeconds ?? 30), isGone: false);
            return;
        }

        FieldsChanged();
        Continue();
        Report();
    }

    // Volumes that show the pod follow its labels and annotations.
    private void FieldsChanged()
    {
        if (!(Spec.Spec.Volumes ?? []).Any(VolumeManager.ShowsPod))
        {
            return;
        }

        var meta = Spec.Metadata;
        var fields = JsonSerializer.Serialize(new { meta.Labels, meta.Annotations });
        if (fields != _fields)
        {
            _fields = fields;
            SourceChanged();
        }
    }

    private void SourceChanged()
    {
        if ((Spec.Spec.Volumes ?? []).Any(VolumeManager.Follows))
        {
            _memory = _memory with { Sources = _memory.Sources + 1 };
        }
    }

    // What it waits for may be there now: a claim is bound.
    private void ClaimsChanged()
    {
        if (_unexpectedFailures > 0 && (Spec.Spec.Volumes ?? []).Any(v => v.Csi is not null || VolumeManager.IsClaimed(v)))
        {
            (_sandboxNotBefore, _unexpectedFailures) = (null, 0);
        }
    }

    private void Continue()
    {
        // Nothing is started once the removal has begun, even while a failed removal waits for its next try.
        if (_step is not null || _isLeaving)
        {
            return;
        }

        if (_isStale)
        {
            _isStale = false;
            var uid = _pod.Uid;
            Run("look", cancellation => _steps.LookAsync(uid, cancellation));
            return;
        }

        var now = _services.Time.GetUtcNow();
        CheckFailure(now);
        SettleResize();
        var step = PodPlanner.Next(Spec, _observed, _memory, now);
        switch (step)
        {
            case PodStep.Idle:
                Show();
                _view = null; // Not needed while the pod is idle.
                break;
            case PodStep.WaitUntil wait:
                Wait(wait.At, now);
                break;
            case PodStep.AskRoom ask:
                _memory = _memory with { Resize = new ResizeVerdict(ask.Wanted, ResizeAnswer.Asked) };
                AskRoom(ask.Wanted);
                Continue();
                break;
            case PodStep.CreateSandbox when _sandboxNotBefore > now:
                Wait(_sandboxNotBefore.Value, now);
                break;
            default:
                var (pod, observed) = (Spec, _observed);
                _reporter.Record(PodSteps.Announce(step, pod, observed));
                if (step is PodStep.StopContainers or PodStep.StopSandbox or PodStep.PostStart)
                {
                    // Report the current status first, because the step may take long.
                    Show();
                }

                var sources = _memory.Sources;
                Run(PodSteps.About(step), cancellation => _steps.RunAsync(pod, observed, sources, step, cancellation));
                break;
        }
    }

    private void AskRoom(string wanted) =>
        Context.Parent.Tell(new RoomWanted(_pod.Uid, new ResizeAsk(wanted, NodeRoom.Of(Spec.Spec), PodResize.Held(Spec.Spec, _observed))));

    private void SettleResize()
    {
        var before = _memory.Resize;
        _memory = PodResize.Settled(Spec, _observed, _memory);
        if (before is { Answer: not ResizeAnswer.Granted } && _memory.Resize is null)
        {
            Context.Parent.Tell(new RoomUnwanted(_pod.Uid));
        }
    }

    // Once it has failed it stays so, whatever is changed.
    private void CheckFailure(DateTimeOffset now)
    {
        if (_memory.Failure is not null || Spec.HasEnded)
        {
            return;
        }

        var deadline = Spec.Spec.ActiveDeadlineSeconds is null ? null : PodFailure.Deadline(Spec.Spec, KubeTime.Read((string?)_pod.ToNode()["status"]?["startTime"] ?? ""));
        if (deadline > now)
        {
            // A timer cannot wait for years; when it ends and nothing is due, the next one is set.
            Timers.StartSingleTimer(nameof(PodFailure.Deadline), Wake.Instance, deadline.Value - now is var left && left < LongestTimer ? left : LongestTimer);
        }

        var failure = PodFailure.Of(Spec, _observed, _memory, deadline, now);
        if (failure is not null)
        {
            _memory = _memory with { Failure = failure };
            _reporter.Record(new RecordedEvent(failure == PodFailure.Expired ? "Normal" : "Warning", failure.Reason, failure.Message, "kubelet"));
            _reporter.Allow();
        }
    }

    // Something that is under way, such as a pull, would only hold it up.
    private void Fails(Fail fail)
    {
        if (_isLeaving)
        {
            // It ends anyway, and has less time now.
            Remove(fail.Why.Grace ?? TimeSpan.MaxValue, isGone: false);
            return;
        }

        if (_memory.Failure is not null || Spec.HasEnded || PodPlanner.IsOver(Spec.Spec, _observed, _memory))
        {
            return;
        }

        _memory = _memory with { Failure = fail.Why };
        if (fail.Why.ReleasesContent)
        {
            Unwant();
        }

        _reporter.Record(fail.Event);
        _reporter.Allow();
        _step?.Cancel();
        EndStep();
        _stepNumber++;
        _isStale = true;
        _probes.StopAll();
        Continue();
        Report();
    }

    private void Unwant()
    {
        if (_memory.Content == PodContent.Kept)
        {
            _memory = _memory with { Content = PodContent.Unwanted };
        }
    }

    private void Wait(DateTimeOffset at, DateTimeOffset now)
    {
        var wait = PodWaiting.Explain(Spec, _observed, _memory, at, now);
        _memory = wait.Memory;
        _reporter.Record(wait.RecordedEvents);
        Timers.StartSingleTimer(Wake.Instance, Wake.Instance, wait.Wake);
        Show();
    }

    private void Run(string about, Func<CancellationToken, Task<StepOutcome>> step)
    {
        var number = ++_stepNumber;
        var source = _step = new CancellationTokenSource();
        step(source.Token).PipeTo(Self, success: outcome => new StepDone(number, outcome), failure: e => new StepFailed(number, about, e));
    }

    private void Done(StepDone done)
    {
        if (done.Number != _stepNumber)
        {
            return;
        }

        EndStep();
        var wasThere = _memory.Content != PodContent.Released;
        var observed = ContainerRecords.Completed(done.Outcome.Observed, _hasLooked ? _observed : ContainerRecords.Reported(_pod, _services.Runtime.KeepsContainers), _services.Time.GetUtcNow());
        _hasLooked = true;
        if (observed is { IsSandboxRunning: true })
        {
            _unexpectedFailures = 0;
        }

        _observed = observed?.IsSameAs(_observed) == true ? _observed : observed;
        _memory = done.Outcome.Remember(_memory.IsRuntimeDown ? _memory with { IsRuntimeDown = false } : _memory);
        foreach (var last in Spec.Spec.Possible().Select(c => PodPlanner.Latest(_observed, c.Name)).OfType<RuntimeContainerStatus>())
        {
            var counted = _memory.With(last.Name, m => PodPlanner.Count(m, last));
            if (last.IsOomKilled && !ReferenceEquals(counted, _memory))
            {
                OutOfMemory(last.Name);
            }

            _memory = counted;
        }

        if (wasThere && _memory.Content == PodContent.Released)
        {
            Context.Parent.Tell(new ContentReleased(_pod.Uid));
        }

        RenewVolumes();
        _reporter.Record(done.Outcome.RecordedEvents);
        _memory = _probes.Update(Spec, _pod, _observed, _memory);
        Continue();
    }

    // New tokens, and what drivers look at again, come the way of everything else that volumes show.
    private void RenewVolumes()
    {
        if (_launcher.VolumesDue is { } due && due != _volumesDue)
        {
            _volumesDue = due;
            Timers.StartSingleTimer(VolumesKey, new SourcesChanged(), due - _services.Time.GetUtcNow());
        }
    }

    private void Failed(StepFailed failed)
    {
        if (failed.Number != _stepNumber)
        {
            return;
        }

        EndStep();
        var now = _services.Time.GetUtcNow();
        switch (StepFailure.Classify(failed.About, failed.Cause, _memory, _unexpectedFailures, now))
        {
            case StepFailure.RuntimeUnavailable unavailable:
                // The agent pings the runtime until it answers, then tells every pod to observe it again.
                _isStale = true;
                Context.Parent.Tell(new RuntimeLost(unavailable.Why));
                break;
            case StepFailure.ContainerBackOff backOff:
                _memory = backOff.Memory;
                _reporter.Record(backOff.Event);
                _reporter.Allow();
                Continue();
                break;
            case StepFailure.Unexpected unexpected:
                _log.Warn(failed.Cause, "A step of the pod failed; retrying", ("object", _pod.Key), ("step", failed.About));
                _unexpectedFailures++;
                _sandboxNotBefore = now + unexpected.SandboxDelay;
                _isStale = true;
                _reporter.Record(unexpected.Event);
                Show();
                Timers.StartSingleTimer(Wake.Instance, Wake.Instance, UnexpectedFailureDelay);
                break;
        }
    }

    // Kubernetes has no Event for it, and the container's status is soon that of the next attempt.
    private void OutOfMemory(string container)
    {
        if (_outOfMemory.Take(container, "OOMKilled", 1, EventLog.Gap, _services.Time.GetUtcNow()) is > 0 and var count)
        {
            _log.Warn("A container reached its memory limit and was killed", ("object", _pod.Key), ("container", container), ("reason", "OOMKilled"), ("count", count));
        }
    }

    private void EndStep()
    {
        _step?.Dispose();
        _step = null;
    }

    private void Probed(ProbeReport report)
    {
        if (!PodProbes.IsCurrent(_memory, report))
        {
            return;
        }

        _memory = _memory.With(report.Container, m => m.Probes == report.Outcome ? m : m with { Probes = report.Outcome });
        _reporter.Record(report.Event is { } recorded ? [recorded] : []);
        Report();
        Continue();
    }

    private void Show()
    {
        _reporter.Allow();
        Report();
    }

    private void Report()
    {
        // A pod that ran before this agent started is not reported as waiting until the runtime has been asked.
        var isUnknown = !_hasLooked && !_memory.IsRuntimeDown && _pod.Phase == "Running";
        if (!_removal.IsUnderWay && !isUnknown)
        {
            _reporter.Report(_pod, _observed, _memory);
        }
    }

    private void Due()
    {
        var due = _commands.TakeDue();
        foreach (var givenUp in due.GivenUp)
        {
            Settled(givenUp);
        }

        foreach (var about in due.Again)
        {
            if (about == PodCommand.Confirm)
            {
                _removal.Confirm(_pod);
                continue;
            }

            _reporter.TakeDue();
            Report();
        }
    }

    private void Settled(SettledCommand<PodCommand> settled)
    {
        var reply = settled.Reply;
        if (settled.About == PodCommand.Confirm)
        {
            // Otherwise finalizers block the deletion; it is confirmed again when they change.
            if (reply.IsDeleted || reply.Error is { Reason: ApiReason.NotFound })
            {
                Finish();
            }

            return;
        }

        if (reply.Object is { } pod && pod.Uid == _pod.Uid && pod.Revision > _pod.Revision)
        {
            _pod = pod;
        }

        if (_reporter.Take(settled))
        {
            Report();
        }
    }

    private void Remove(TimeSpan grace, bool isGone)
    {
        if (_removal.Covers(_pod, grace, isGone))
        {
            return;
        }

        _isLeaving = true;
        _step?.Cancel();
        EndStep();
        _stepNumber++;
        _probes.StopAll();
        _removal.Begin(_pod, _observed, _memory, grace, isGone);
    }

    private void Removed(PodRemoval.Ended ended)
    {
        var outcome = _removal.Take(ended, _pod);
        if (outcome.RuntimeError is { } why)
        {
            Context.Parent.Tell(new RuntimeLost(why));
        }

        if (outcome.IsOver)
        {
            Finish();
        }
    }

    private void Finish()
    {
        Context.Parent.Tell(new PodFinished(_pod.Uid));
        Context.Stop(Self);
    }

    /// <summary>The runtime has stopped answering; <see cref="RuntimeChanged"/> follows once it answers.</summary>
    internal sealed record RuntimeDown;

    internal sealed record PodChanged(KubeObject Pod);

    internal sealed record PodGone;

    internal sealed record PodFinished(string Uid);

    internal sealed record RuntimeChanged;

    /// <summary>Something that the volumes of the pod show has changed, or may have.</summary>
    internal sealed record SourcesChanged;

    internal sealed record RuntimeLost(string Why);

    /// <summary>A probe result that changed.</summary>
    internal sealed record ProbeReport(string Container, ProbeOutcome Outcome, RecordedEvent? Event);

    /// <summary>The node ends the pod, whatever its containers do.</summary>
    /// <param name="Why">Why, and how.</param>
    /// <param name="Event">The Event that tells it.</param>
    internal sealed record Fail(PodFailure Why, RecordedEvent Event);

    /// <summary>The node needs the room that the pod takes, if it has ended.</summary>
    internal sealed record ReleaseContent { public static readonly ReleaseContent Instance = new(); }

    /// <summary>Nothing of a pod that has ended is left on the node.</summary>
    internal sealed record ContentReleased(string Uid);

    /// <summary>The pod asks the node for other resources. The reply is a <see cref="ResizeVerdict"/>.</summary>
    internal sealed record RoomWanted(string Uid, ResizeAsk Ask);

    /// <summary>The pod does not ask any more.</summary>
    internal sealed record RoomUnwanted(string Uid);

    /// <summary>Another pod may have left room.</summary>
    internal sealed record RoomChanged { public static readonly RoomChanged Instance = new(); }

    /// <summary>Something about the pod that is worth an Event.</summary>
    internal sealed record Happened(RecordedEvent Event);

    private sealed record StepDone(int Number, StepOutcome Outcome);

    private sealed record StepFailed(int Number, string About, Exception Cause);

    private sealed record Wake { public static readonly Wake Instance = new(); }

    private sealed record ShowCreating { public static readonly ShowCreating Instance = new(); }
}
