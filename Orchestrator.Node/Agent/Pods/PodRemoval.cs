using System.Collections.Immutable;
using System.Text.Json.Nodes;
using Akka.Actor;
using Akka.Event;
using Orchestrator.Actors.Api;
using Orchestrator.Actors.Entities;
using Orchestrator.Actors.Journal;
using Orchestrator.Actors.Kinds.Pods;
using Orchestrator.Actors.Logs;

namespace Orchestrator.Node.Agent.Pods;

/// <summary>Deletes a pod from the host: stops its containers within the grace period, removes them and its volumes, and confirms to its entity
/// until the object is deleted. Part of the pod's actor; not thread-safe.</summary>
internal sealed class PodRemoval(AgentServices services, PodLauncher launcher, PodTermination termination, CommandOutbox<PodCommand> commands, IWithTimers owner, IActorRef self, ILoggingAdapter log)
{
    private const string Timer = "removal";
    private static readonly TimeSpan RetryDelay = TimeSpan.FromSeconds(5);
    private Run? _run;

    /// <summary>Whether a removal has started; nothing is started or reported after that.</summary>
    public bool IsUnderWay => _run is not null;

    /// <summary>Whether the pod is removed from the host and its entity has been informed.</summary>
    public bool IsDone => _run is { IsDone: true };

    /// <summary>Whether the current removal covers the requested one. A finished removal is confirmed to the entity again.</summary>
    public bool Covers(KubeObject pod, TimeSpan grace, bool isGone)
    {
        if (_run is not { } run || run.Grace > grace || (!run.IsGone && isGone))
        {
            return false;
        }

        Confirm(pod);
        return true;
    }

    /// <summary>Confirms a finished removal to the entity.</summary>
    public void Confirm(KubeObject pod)
    {
        if (IsDone)
        {
            commands.Send(PodCommand.Confirm, new ConfirmPodStopped(pod.Key, pod.Uid, $"system:node:{services.Node}"));
        }
    }

    /// <summary>Starts a removal, or replaces one with a longer grace period.</summary>
    public void Begin(KubeObject pod, RuntimePodStatus? observed, PodMemory memory, TimeSpan grace, bool isGone)
    {
        RecordedEvent[] recordedEvents = _run is not null || isGone ? [] : [.. (observed?.Containers ?? []).Where(c => c.State == ContainerState.Running)
            .Select(c => new RecordedEvent("Normal", "Killing", $"Stopping container {c.Name}", "kubelet"))];
        Say(pod, [.. recordedEvents]);

        _run?.Stop.Cancel();
        var run = _run = new Run(grace, isGone, memory, new CancellationTokenSource());
        RemoveAsync().PipeTo(self, failure: e => new Ended(run, e, null, []));

        async Task<Ended> RemoveAsync()
        {
            var (view, rest) = (PodManifest.Of(pod), grace);
            ImmutableArray<RecordedEvent> recordedEvents = [];

            // If a finalizer keeps the object, whoever set it wants to know how the containers ended, so they are stopped before they are removed.
            var isKept = !isGone && !pod.Finalizers.IsEmpty;
            if (grace > TimeSpan.Zero && (isKept || PodTermination.IsOrdered(view.Spec)))
            {
                recordedEvents = await termination.PodAsync(view, await services.Runtime.FindAsync(pod.Uid, run.Stop.Token).ConfigureAwait(false), grace, run.Stop.Token).ConfigureAwait(false);
                rest = PodTermination.MinimumGrace;
            }

            var last = isKept ? await services.Runtime.FindAsync(pod.Uid, run.Stop.Token).ConfigureAwait(false) : null;
            await services.Runtime.RemovePodAsync(pod.Uid, rest, run.Stop.Token).ConfigureAwait(false);
            await launcher.ForgetAsync(pod.Uid, run.Stop.Token).ConfigureAwait(false);
            return new Ended(run, null, last, recordedEvents);
        }
    }

    /// <summary>Handles the end of a removal.</summary>
    /// <returns>Its outcome.</returns>
    public Outcome Take(Ended ended, KubeObject pod)
    {
        if (ended.Run != _run)
        {
            return new Outcome(false, null);
        }

        if (ended.Cause is not null)
        {
            _run = null;
            log.Warn(ended.Cause, "The pod could not be removed; retrying", ("object", pod.Key));

            // The object is still marked as deleting, so the recovery of the runtime or this timer requests the removal again.
            var again = ended.Run.IsGone ? (object)new PodWorkerActor.PodGone() : new PodWorkerActor.PodChanged(pod);
            owner.Timers.StartSingleTimer(Timer, again, RetryDelay);
            return new Outcome(false, ended.Cause is RuntimeUnavailableException ? ended.Cause.Message : null);
        }

        _run = ended.Run with { IsDone = true };
        if (!_run.IsGone)
        {
            Say(pod, ended.RecordedEvents);
            Report(pod, ended);
            Confirm(pod);
        }

        return new Outcome(_run.IsGone, null);
    }

    // How the containers ended, if that is known.
    private void Report(KubeObject pod, Ended ended)
    {
        var before = pod.ToNode()["status"] as JsonObject ?? [];
        if (ended.Last is { } last
            && JsonMerge.Diff(before, PodStatusBuilder.Build(pod, last, ended.Run.Memory, before, services.HostIps, services.RuntimeName, services.Time.GetUtcNow())) is { } change)
        {
            services.Region.Tell(new MergeObject(pod.Key, pod.Uid, new JsonObject { ["status"] = change }, "reported", $"system:node:{services.Node}", pod.Revision), ActorRefs.NoSender);
        }
    }

    private void Say(KubeObject pod, ImmutableArray<RecordedEvent> recordedEvents)
    {
        if (!recordedEvents.IsEmpty)
        {
            services.Region.Tell(new MergeObject(pod.Key, pod.Uid, [], "stopping", $"system:node:{services.Node}", pod.Revision, RecordedEvents: recordedEvents), ActorRefs.NoSender);
        }
    }

    /// <summary>Outcome of a removal.</summary>
    /// <param name="IsOver">Nothing is left to confirm, so the pod's actor can stop.</param>
    /// <param name="RuntimeError">Why the runtime does not answer; null if it does.</param>
    internal sealed record Outcome(bool IsOver, string? RuntimeError);

    /// <summary>A removal with its grace period. IsGone: the object is already deleted.</summary>
    internal sealed record Run(TimeSpan Grace, bool IsGone, PodMemory Memory, CancellationTokenSource Stop, bool IsDone = false);

    /// <summary>Sent to the pod's actor when the removal has succeeded or failed. Last: how the containers ended; null if nobody asks.</summary>
    internal sealed record Ended(Run Run, Exception? Cause, RuntimePodStatus? Last, ImmutableArray<RecordedEvent> RecordedEvents);
}
