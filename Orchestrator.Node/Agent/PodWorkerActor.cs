using System.Collections.Immutable;
using System.Text.Json.Nodes;
using Akka.Actor;
using Akka.Event;
using k8s.Models;
using Orchestrator.Actors.Api;
using Orchestrator.Actors.Entities;
using Orchestrator.Actors.Journal;

namespace Orchestrator.Node.Agent;

/// <summary>One pod on this host: makes the runtime agree with its spec, one step at a time, and reports what it sees.</summary>
internal sealed class PodWorkerActor : ReceiveActor, IWithTimers
{
    private static readonly TimeSpan ReplyBound = TimeSpan.FromSeconds(15);
    private static readonly TimeSpan CreatingShownAfter = TimeSpan.FromMilliseconds(250);
    private static readonly TimeSpan PullErrorShownFor = TimeSpan.FromSeconds(2);
    private readonly AgentServices _services;
    private readonly PodLauncher _launcher;
    private readonly ILoggingAdapter _log = Context.GetLogger();
    private readonly List<EventNote> _notes = [];
    private KubeObject _pod;
    private PodSeen? _seen;
    private PodMemory _memory = PodMemory.Empty;
    private CancellationTokenSource? _step;
    private int _stepNumber;
    private bool _isStale = true;
    private bool _isReporting;
    private bool _mayReport;
    private Removal? _removal;
    private (KubeObject Pod, PodSeen? Seen, PodMemory Memory)? _settled;
    private int _sandboxFailures;
    private DateTimeOffset? _sandboxNotBefore;

    public PodWorkerActor(KubeObject pod, AgentServices services)
    {
        _pod = pod;
        _services = services;
        _launcher = new PodLauncher(services);
        Receive<PodChanged>(changed => Change(changed.Pod));
        Receive<PodGone>(_ => Remove(TimeSpan.FromSeconds(1), isGone: true));
        Receive<RuntimeChanged>(_ =>
        {
            _isStale = true;
            Continue();
        });
        Receive<StepDone>(Done);
        Receive<StepFailed>(Failed);
        Receive<RemovalDone>(Removed);
        Receive<ProbeReport>(Probed);
        Receive<CommandReply>(Reported);
        Receive<Wake>(_ => Continue());
        Receive<ShowCreating>(_ =>
        {
            _mayReport = true;
            Report();
        });
        Receive<ReplyOverdue>(_ =>
        {
            _isReporting = false;
            Report();
        });
    }

    /// <inheritdoc/>
    public ITimerScheduler Timers { get; set; } = null!;

    private V1Pod Spec => _pod.As<V1Pod>();

    public static Props Props(KubeObject pod, AgentServices services) => Akka.Actor.Props.Create(() => new PodWorkerActor(pod, services));

    /// <inheritdoc/>
    protected override void PreStart()
    {
        Timers.StartSingleTimer(ShowCreating.Instance, ShowCreating.Instance, CreatingShownAfter);
        Change(_pod);
    }

    /// <inheritdoc/>
    protected override void PostStop() => _step?.Cancel();

    private void Change(KubeObject pod)
    {
        if (pod.Revision >= _pod.Revision)
        {
            _pod = pod;
        }

        if (_pod.IsDeleting)
        {
            Remove(TimeSpan.FromSeconds(Math.Max(0, Spec.Metadata.DeletionGracePeriodSeconds ?? 30)), isGone: false);
            return;
        }

        Continue();
        Report();
    }

    private void Continue()
    {
        if (_step is not null || _removal is not null)
        {
            return;
        }

        if (_isStale)
        {
            _isStale = false;
            Run("look", async cancellation => new StepDone(0, await _services.Runtime.FindAsync(_pod.Uid, cancellation).ConfigureAwait(false), m => m, []), isGated: false);
            return;
        }

        var now = _services.Time.GetUtcNow();
        switch (PodPlanner.Next(Spec, _seen, _memory, now))
        {
            case PodStep.Rest:
                _mayReport = true;
                Report();
                break;
            case PodStep.WaitUntil wait:
                Wait(wait.At, now);
                break;
            case PodStep.MakeSandbox when _sandboxNotBefore > now:
                Wait(_sandboxNotBefore.Value, now);
                break;
            case PodStep.MakeSandbox:
                Run("sandbox", MakeSandboxAsync);
                break;
            case PodStep.FetchImage fetch:
                Run(fetch.Container.Name, cancellation => FetchAsync(fetch.Container, cancellation), isGated: false);
                break;
            case PodStep.Start start:
                Run(start.Container.Name, cancellation => StartAsync(start.Container, start.Attempt, cancellation));
                break;
            case PodStep.Kill kill:
                _notes.Add(new EventNote("Normal", "Killing", $"Container {kill.Container.Name} {kill.Why}, will be restarted", "kubelet"));
                Run(kill.Container.Name, cancellation => KillAsync(kill.Container, cancellation), isGated: false);
                break;
        }
    }

    private void Wait(DateTimeOffset at, DateTimeOffset now)
    {
        foreach (var container in (Spec.Spec.InitContainers ?? []).Concat(Spec.Spec.Containers))
        {
            var memory = _memory[container.Name];
            if (memory.Waiting is null && PodPlanner.Latest(_seen, container.Name) is { State: ContainerState.Exited } last && PodPlanner.Count(memory, last).Streak is > 1 and var streak)
            {
                var message = $"back-off {Words(PodPlanner.BackOff(streak))} restarting failed container={container.Name} pod={_pod.Name}_{_pod.Namespace}({_pod.Uid})";
                _memory = _memory.With(container.Name, m => m with { Waiting = new WaitingReason("CrashLoopBackOff", message) });
                _notes.Add(new EventNote("Warning", "BackOff", $"Back-off restarting failed container {container.Name} in pod {_pod.Name}_{_pod.Namespace}({_pod.Uid})", "kubelet"));
            }
            else if (memory is { Waiting.Reason: "ErrImagePull" } && memory.NotBefore - now < PodPlanner.RetryDelay(memory.Failures) - PullErrorShownFor)
            {
                _memory = _memory.With(container.Name, m => m with { Waiting = new WaitingReason("ImagePullBackOff", $"Back-off pulling image \"{container.Image}\"") });
                _notes.Add(new EventNote("Normal", "BackOff", $"Back-off pulling image \"{container.Image}\"", "kubelet"));
            }
        }

        var isPullErrorShown = _memory.Containers.Values.Any(m => m.Waiting?.Reason == "ErrImagePull");
        var wake = isPullErrorShown && at - now > PullErrorShownFor ? PullErrorShownFor + TimeSpan.FromMilliseconds(10) : at - now;
        Timers.StartSingleTimer(Wake.Instance, Wake.Instance, wake > TimeSpan.Zero ? wake : TimeSpan.FromMilliseconds(1));
        _mayReport = true;
        Report();
    }

    private async Task<StepDone> MakeSandboxAsync(CancellationToken cancellation)
    {
        var seen = await _services.Runtime.EnsureSandboxAsync(_launcher.Sandbox(Spec), cancellation).ConfigureAwait(false);
        return new StepDone(0, seen, m => m, []);
    }

    private async Task<StepDone> FetchAsync(V1Container container, CancellationToken cancellation)
    {
        var policy = container.ImagePullPolicy ?? "IfNotPresent";
        var isPulled = await _services.Runtime.EnsureImageAsync(container.Image, policy, cancellation).ConfigureAwait(false);
        var note = isPulled ? $"Successfully pulled image \"{container.Image}\"" : $"Container image \"{container.Image}\" already present on machine";
        return new StepDone(0, _seen, m => m.With(container.Name, c => c with { IsImagePresent = true }), [new EventNote("Normal", "Pulled", note, "kubelet")]);
    }

    private async Task<StepDone> StartAsync(V1Container container, int attempt, CancellationToken cancellation)
    {
        var launch = await _launcher.ContainerAsync(Spec, container, attempt, _seen?.Ip, _services.Host(), cancellation).ConfigureAwait(false);
        await _services.Runtime.StartContainerAsync(launch, cancellation).ConfigureAwait(false);
        var seen = await _services.Runtime.FindAsync(_pod.Uid, cancellation).ConfigureAwait(false);
        return new StepDone(0, seen, m => m.With(container.Name, c => c with { Waiting = null, NotBefore = null, Failures = 0, IsImagePresent = false, Probes = null }),
            [new EventNote("Normal", "Created", $"Created container: {container.Name}", "kubelet"), new EventNote("Normal", "Started", $"Started container {container.Name}", "kubelet")]);
    }

    private async Task<StepDone> KillAsync(V1Container container, CancellationToken cancellation)
    {
        var grace = TimeSpan.FromSeconds(Spec.Spec.TerminationGracePeriodSeconds ?? 30);
        await _services.Runtime.StopContainerAsync(_pod.Uid, container.Name, grace, cancellation).ConfigureAwait(false);
        var seen = await _services.Runtime.FindAsync(_pod.Uid, cancellation).ConfigureAwait(false);
        return new StepDone(0, seen, m => m.With(container.Name, c => c with { Probes = null }), []);
    }

    private void Run(string about, Func<CancellationToken, Task<StepDone>> step, bool isGated = true)
    {
        var number = ++_stepNumber;
        var source = _step = new CancellationTokenSource();
        RunAsync().PipeTo(Self, success: done => done, failure: e => new StepFailed(number, about, e));

        async Task<object> RunAsync()
        {
            if (!isGated)
            {
                return await step(source.Token).ConfigureAwait(false) with { Number = number };
            }

            await _services.StartGate.WaitAsync(source.Token).ConfigureAwait(false);
            try
            {
                return await step(source.Token).ConfigureAwait(false) with { Number = number };
            }
            finally
            {
                _services.StartGate.Release();
            }
        }
    }

    private void Done(StepDone done)
    {
        if (done.Number != _stepNumber)
        {
            return;
        }

        EndStep();
        _seen = done.Seen?.Says(_seen) == true ? _seen : done.Seen;
        _memory = done.Remember(_memory);
        foreach (var last in Spec.Spec.Containers.Concat(Spec.Spec.InitContainers ?? []).Select(c => PodPlanner.Latest(_seen, c.Name)).OfType<ContainerSeen>())
        {
            _memory = _memory.With(last.Name, m => PodPlanner.Count(m, last));
        }

        _notes.AddRange(done.Notes);
        Probe();
        Continue();
    }

    private void Failed(StepFailed failed)
    {
        if (failed.Number != _stepNumber)
        {
            return;
        }

        EndStep();
        var now = _services.Time.GetUtcNow();
        switch (failed.Cause)
        {
            case RuntimeUnavailableException:
                // The agent asks the runtime until it answers, and then tells every pod to look again.
                _isStale = true;
                Context.Parent.Tell(new RuntimeLost(failed.Cause.Message));
                break;
            case ImageUnavailableException e:
                Hinder(failed.About, e.Reason, e.Message, now);
                _notes.Add(new EventNote("Warning", "Failed", $"Failed to pull image: {e.Message}", "kubelet"));
                Continue();
                break;
            case ContainerRefusedException e when failed.About != "sandbox":
                Hinder(failed.About, e.Reason, e.Message, now);
                _notes.Add(new EventNote("Warning", "Failed", $"Error: {e.Message}", "kubelet"));
                Continue();
                break;
            default:
                _log.Warning(failed.Cause, "Pod {0}/{1}: {2} failed", _pod.Namespace, _pod.Name, failed.About);
                _notes.Add(new EventNote("Warning", failed.About == "sandbox" ? "FailedCreatePodSandBox" : "FailedSync", failed.Cause.Message, "kubelet"));
                _sandboxNotBefore = now + PodPlanner.RetryDelay(++_sandboxFailures);
                _isStale = true;
                _mayReport = true;
                Report();
                Timers.StartSingleTimer(Wake.Instance, Wake.Instance, TimeSpan.FromSeconds(5));
                break;
        }
    }

    private void Hinder(string container, string reason, string message, DateTimeOffset now)
    {
        _memory = _memory.With(container, m => m with
        {
            Failures = m.Failures + 1,
            NotBefore = now + PodPlanner.RetryDelay(m.Failures + 1),
            Waiting = new WaitingReason(reason, message),
            IsImagePresent = false,
        });
        _mayReport = true;
    }

    private void EndStep()
    {
        _step?.Dispose();
        _step = null;
    }

    private void Probe()
    {
        foreach (var container in Spec.Spec.Containers.Where(c => (c.ReadinessProbe ?? c.LivenessProbe ?? c.StartupProbe) is not null))
        {
            var last = PodPlanner.Latest(_seen, container.Name);
            if (last is { State: ContainerState.Running } && _memory[container.Name].Probes?.Attempt != last.Attempt)
            {
                foreach (var child in Context.GetChildren().Where(c => c.Path.Name.StartsWith(ProbeName(container.Name), StringComparison.Ordinal)))
                {
                    Context.Stop(child);
                }

                _memory = _memory.With(container.Name, m => m with { Probes = new ProbeOutcome(last.Attempt, container.StartupProbe is null, false) });
                Context.ActorOf(Probes.ProberActor.Props(_pod.Uid, container, last, _seen!.Ip, _services), $"{ProbeName(container.Name)}{last.Attempt}");
            }
        }
    }

    private static string ProbeName(string container) => $"probe-{container}.";

    private void Probed(ProbeReport report)
    {
        if (_memory[report.Container].Probes?.Attempt != report.Outcome.Attempt)
        {
            return;
        }

        _memory = _memory.With(report.Container, m => m with { Probes = report.Outcome });
        if (report.Note is { } note)
        {
            _notes.Add(note);
        }

        Report();
        Continue();
    }

    private void Report()
    {
        if (_isReporting || !_mayReport || _removal is not null)
        {
            return;
        }

        if (_notes.Count == 0 && _settled is { } s && ReferenceEquals(s.Pod, _pod) && ReferenceEquals(s.Seen, _seen) && ReferenceEquals(s.Memory, _memory))
        {
            return;
        }

        var status = PodStatusBuilder.Build(_pod, _seen, _memory, _services.HostIp, _services.RuntimeName, _services.Time.GetUtcNow());
        var change = JsonMerge.Diff(_pod.ToNode()["status"] as JsonObject ?? [], status);
        var patch = change is null ? null : new JsonObject { ["status"] = change };
        if (patch is null && _notes.Count == 0)
        {
            // Nothing to say until one of them changes; at rest the typed pod is not worth its memory.
            _settled = (_pod, _seen, _memory);
            _pod.ForgetTyped();
            return;
        }

        _isReporting = true;
        _services.Region.Tell(new MergeObject(_pod.Key, _pod.Uid, patch ?? [], "reported", $"system:node:{_services.Node}", _pod.Revision, Notes: [.. _notes]), Self);
        _notes.Clear();
        Timers.StartSingleTimer(ReplyOverdue.Instance, ReplyOverdue.Instance, ReplyBound);
    }

    private void Reported(CommandReply reply)
    {
        if (_removal is { IsDone: true })
        {
            if (reply.IsDeleted || reply.Error is { Reason: ApiReason.NotFound })
            {
                Finish();
            }

            return;
        }

        _isReporting = false;
        Timers.Cancel(ReplyOverdue.Instance);
        if (reply.Object is { } pod && pod.Uid == _pod.Uid && pod.Revision > _pod.Revision)
        {
            _pod = pod;
        }

        if (reply.Error is { Reason: not (ApiReason.NotFound or ApiReason.Conflict) } error)
        {
            _log.Warning("Pod {0}/{1}: its status was not taken: {2}", _pod.Namespace, _pod.Name, error.Message);
            Timers.StartSingleTimer(ReplyOverdue.Instance, ReplyOverdue.Instance, TimeSpan.FromSeconds(2));
            _isReporting = true;
            return;
        }

        Report();
    }

    private void Remove(TimeSpan grace, bool isGone)
    {
        if (_removal is { } running && running.Grace <= grace && (running.IsGone || !isGone))
        {
            if (running.IsDone)
            {
                Confirm();
            }

            return;
        }

        _step?.Cancel();
        EndStep();
        _stepNumber++;
        if (_removal is null && !isGone && _seen?.Containers.Any(c => c.State == ContainerState.Running) == true)
        {
            EventNote[] notes = [.. _seen.Containers.Where(c => c.State == ContainerState.Running)
                .Select(c => new EventNote("Normal", "Killing", $"Stopping container {c.Name}", "kubelet"))];
            _services.Region.Tell(new MergeObject(_pod.Key, _pod.Uid, [], "stopping", $"system:node:{_services.Node}", _pod.Revision, Notes: [.. notes]), ActorRefs.NoSender);
        }

        foreach (var child in Context.GetChildren())
        {
            Context.Stop(child);
        }

        _removal?.Stop.Cancel();
        var removal = _removal = new Removal(grace, isGone, new CancellationTokenSource());
        RemoveAsync().PipeTo(Self, success: () => new RemovalDone(removal, null), failure: e => new RemovalDone(removal, e));

        async Task RemoveAsync()
        {
            await _services.Runtime.RemovePodAsync(_pod.Uid, grace, removal.Stop.Token).ConfigureAwait(false);
            _launcher.Forget(_pod.Uid);
        }
    }

    private void Removed(RemovalDone done)
    {
        if (done.Removal != _removal)
        {
            return;
        }

        if (done.Cause is not null)
        {
            _removal = null;
            _log.Warning(done.Cause, "Pod {0}/{1} could not be removed; trying again", _pod.Namespace, _pod.Name);
            if (done.Cause is RuntimeUnavailableException)
            {
                Context.Parent.Tell(new RuntimeLost(done.Cause.Message));
            }

            // Its mark stands: the runtime's return or this timer asks for the removal again.
            var again = done.Removal.IsGone ? (object)new PodGone() : new PodChanged(_pod);
            Timers.StartSingleTimer("removal", again, TimeSpan.FromSeconds(5));
            return;
        }

        _removal = done.Removal with { IsDone = true };
        if (_removal.IsGone)
        {
            Finish();
        }
        else
        {
            Confirm();
        }
    }

    private void Confirm()
    {
        _services.Region.Tell(new ConfirmPodStopped(_pod.Key, _pod.Uid, $"system:node:{_services.Node}"), Self);
        Timers.StartSingleTimer("removal", new PodChanged(_pod), ReplyBound);
    }

    private void Finish()
    {
        Context.Parent.Tell(new PodFinished(_pod.Uid));
        Context.Stop(Self);
    }

    private static string Words(TimeSpan time) => time.TotalSeconds < 60 ? $"{time.TotalSeconds:0}s" : $"{(int)time.TotalMinutes}m{time.Seconds}s";

    internal sealed record PodChanged(KubeObject Pod);

    internal sealed record PodGone;

    internal sealed record PodFinished(string Uid);

    internal sealed record RuntimeChanged;

    internal sealed record RuntimeLost(string Why);

    /// <summary>A prober's news.</summary>
    internal sealed record ProbeReport(string Container, ProbeOutcome Outcome, EventNote? Note);

    private sealed record StepDone(int Number, PodSeen? Seen, Func<PodMemory, PodMemory> Remember, ImmutableArray<EventNote> Notes);

    private sealed record StepFailed(int Number, string About, Exception Cause);

    private sealed record Removal(TimeSpan Grace, bool IsGone, CancellationTokenSource Stop, bool IsDone = false);

    private sealed record RemovalDone(Removal Removal, Exception? Cause);

    private sealed record Wake { public static readonly Wake Instance = new(); }

    private sealed record ShowCreating { public static readonly ShowCreating Instance = new(); }

    private sealed record ReplyOverdue { public static readonly ReplyOverdue Instance = new(); }
}
