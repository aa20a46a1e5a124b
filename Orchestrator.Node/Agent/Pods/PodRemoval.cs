using System.Collections.Immutable;
using Akka.Actor;
using Akka.Event;
using Orchestrator.Actors.Api;
using Orchestrator.Actors.Entities;
using Orchestrator.Actors.Journal;
using Orchestrator.Actors.Kinds.Pods;

namespace Orchestrator.Node.Agent.Pods;

/// <summary>The end of a pod: its containers stopped within the grace, everything of it removed, its entity told, until it is gone.
/// Part of a pod's actor, on its thread only.</summary>
internal sealed class PodRemoval(AgentServices services, PodLauncher launcher, PodStops stops, IWithTimers owner, IActorRef self, ILoggingAdapter log)
{
    private const string Timer = "removal";
    private static readonly TimeSpan ReplyBound = TimeSpan.FromSeconds(15);
    private static readonly TimeSpan RetryDelay = TimeSpan.FromSeconds(5);
    private Run? _run;

    /// <summary>Whether the pod is on its way out: nothing is started or reported any more.</summary>
    public bool IsUnderWay => _run is not null;

    /// <summary>Whether nothing of it is left on the host, and its entity was told.</summary>
    public bool IsDone => _run is { IsDone: true };

    /// <summary>Whether a removal that is asked for is covered by the one under way; a finished one is told again.</summary>
    public bool Covers(KubeObject pod, TimeSpan grace, bool isGone)
    {
        if (_run is not { } run || run.Grace > grace || (!run.IsGone && isGone))
        {
            return false;
        }

        if (run.IsDone)
        {
            Confirm(pod);
        }

        return true;
    }

    /// <summary>Begins, in place of a removal with a longer grace.</summary>
    public void Begin(KubeObject pod, PodSeen? seen, TimeSpan grace, bool isGone)
    {
        EventNote[] notes = _run is not null || isGone ? [] : [.. (seen?.Containers ?? []).Where(c => c.State == ContainerState.Running)
            .Select(c => new EventNote("Normal", "Killing", $"Stopping container {c.Name}", "kubelet"))];
        Say(pod, [.. notes]);

        _run?.Stop.Cancel();
        var run = _run = new Run(grace, isGone, new CancellationTokenSource());
        RemoveAsync().PipeTo(self, success: notes => new Ended(run, null, notes), failure: e => new Ended(run, e, []));

        async Task<ImmutableArray<EventNote>> RemoveAsync()
        {
            var (view, rest) = (PodSpecs.View(pod), grace);
            ImmutableArray<EventNote> notes = [];
            if (grace > TimeSpan.Zero && PodStops.IsOrdered(view.Spec))
            {
                notes = await stops.PodAsync(view, await services.Runtime.FindAsync(pod.Uid, run.Stop.Token).ConfigureAwait(false), grace, run.Stop.Token).ConfigureAwait(false);
                rest = PodStops.Least;
            }

            await services.Runtime.RemovePodAsync(pod.Uid, rest, run.Stop.Token).ConfigureAwait(false);
            launcher.Forget(pod.Uid);
            return notes;
        }
    }

    /// <summary>The removal ended.</summary>
    /// <returns>What became of it.</returns>
    public Outcome Take(Ended ended, KubeObject pod)
    {
        if (ended.Run != _run)
        {
            return new Outcome(false, null);
        }

        if (ended.Cause is not null)
        {
            _run = null;
            log.Warning(ended.Cause, "Pod {0}/{1} could not be removed; trying again", pod.Namespace, pod.Name);

            // Its mark stands: the runtime's return or this timer asks for the removal again.
            var again = ended.Run.IsGone ? (object)new PodWorkerActor.PodGone() : new PodWorkerActor.PodChanged(pod);
            owner.Timers.StartSingleTimer(Timer, again, RetryDelay);
            return new Outcome(false, ended.Cause is RuntimeUnavailableException ? ended.Cause.Message : null);
        }

        _run = ended.Run with { IsDone = true };
        if (!_run.IsGone)
        {
            Say(pod, ended.Notes);
            Confirm(pod);
        }

        return new Outcome(_run.IsGone, null);
    }

    private void Say(KubeObject pod, ImmutableArray<EventNote> notes)
    {
        if (!notes.IsEmpty)
        {
            services.Region.Tell(new MergeObject(pod.Key, pod.Uid, [], "stopping", $"system:node:{services.Node}", pod.Revision, Notes: notes), ActorRefs.NoSender);
        }
    }

    private void Confirm(KubeObject pod)
    {
        services.Region.Tell(new ConfirmPodStopped(pod.Key, pod.Uid, $"system:node:{services.Node}"), self);
        owner.Timers.StartSingleTimer(Timer, new PodWorkerActor.PodChanged(pod), ReplyBound);
    }

    /// <summary>What became of a removal.</summary>
    /// <param name="IsOver">Nobody waits for a word of it: the pod's actor can go.</param>
    /// <param name="Silence">Why the runtime does not answer; null otherwise.</param>
    internal sealed record Outcome(bool IsOver, string? Silence);

    /// <summary>A removal with its grace; gone: the entity knows already.</summary>
    internal sealed record Run(TimeSpan Grace, bool IsGone, CancellationTokenSource Stop, bool IsDone = false);

    /// <summary>Sent to the pod's actor when the runtime is done or has failed.</summary>
    internal sealed record Ended(Run Run, Exception? Cause, ImmutableArray<EventNote> Notes);
}
