using System.Text.Json.Nodes;
using Akka.Actor;
using Akka.Event;
using Orchestrator.Actors.Api;
using Orchestrator.Actors.Entities;
using Orchestrator.Actors.Journal;

namespace Orchestrator.Node.Agent.Pods;

/// <summary>Tells the pod's entity what differs from its status, with the Events since: one report at a time, none before the first fact
/// that lasts. Part of a pod's actor, on its thread only.</summary>
internal sealed class PodReporter(AgentServices services, IWithTimers owner, IActorRef self, ILoggingAdapter log)
{
    private static readonly TimeSpan ReplyBound = TimeSpan.FromSeconds(15);
    private static readonly TimeSpan RefusedDelay = TimeSpan.FromSeconds(2);
    private readonly EventBacklog _events = new();
    private bool _isReporting;
    private bool _mayReport;
    private (KubeObject Pod, PodSeen? Seen, PodMemory Memory)? _settled;
    private (KubeObject Pod, PodSeen? Seen, PodMemory Memory)? _sent;

    /// <summary>Who reports, for the journal.</summary>
    public string By => $"system:node:{services.Node}";

    /// <summary>Keeps Events for a report: the next one, or one that is made for them when they are due.</summary>
    public void Note(params IEnumerable<EventNote> notes)
    {
        foreach (var note in notes)
        {
            _events.Add(note, services.Time.GetUtcNow());
        }
    }

    /// <summary>What is seen may be shown from now on.</summary>
    public void Allow() => _mayReport = true;

    /// <summary>Reports, if there is something to say and nothing under way.</summary>
    public void Report(KubeObject pod, PodSeen? seen, PodMemory memory)
    {
        if (_isReporting || !_mayReport)
        {
            return;
        }

        var now = services.Time.GetUtcNow();
        var isDue = _events.DueAt <= now;
        if (!isDue && _settled is { } s && ReferenceEquals(s.Pod, pod) && ReferenceEquals(s.Seen, seen) && ReferenceEquals(s.Memory, memory))
        {
            Later(now);
            return;
        }

        var before = pod.ToNode()["status"] as JsonObject ?? [];
        var status = PodStatusBuilder.Build(pod, seen, memory, before, services.HostIp, services.RuntimeName, now);
        var change = JsonMerge.Diff(before, status);
        var patch = change is null ? null : new JsonObject { ["status"] = change };
        if (patch is null && !isDue)
        {
            // Nothing to say until one of them changes.
            _settled = (pod, seen, memory);
            Later(now);
            return;
        }

        _isReporting = true;
        _sent = (pod, seen, memory);
        services.Region.Tell(new MergeObject(pod.Key, pod.Uid, patch ?? [], "reported", By, pod.Revision, Notes: _events.Take(now)), self);
        Await(ReplyBound);
    }

    /// <summary>An answer came.</summary>
    /// <returns>Whether to report again at once.</returns>
    public bool Take(CommandReply reply, KubeObject pod)
    {
        if (reply.Error is { Reason: not (ApiReason.NotFound or ApiReason.Conflict) } error)
        {
            log.Warning("Pod {0}/{1}: its status was not taken: {2}", pod.Namespace, pod.Name, error.Message);
            _events.GiveBack();
            _isReporting = true;
            Await(RefusedDelay);
            return false;
        }

        owner.Timers.Cancel(Overdue.Instance);
        _events.Settle();
        _isReporting = false;
        if (reply.Object is { } taken && _sent is { } sent && reply.Before == sent.Pod.Revision)
        {
            // Nobody changed the pod in between: it says what was reported.
            _settled = (taken, sent.Seen, sent.Memory);
        }

        _sent = null;
        return true;
    }

    /// <summary>No answer came in time, or the delay after a refusal is over. If only the answer was lost, its Events count twice.</summary>
    public void GiveUp()
    {
        _events.GiveBack();
        _isReporting = false;
    }

    private void Later(DateTimeOffset now)
    {
        if (_events.DueAt is { } at)
        {
            owner.Timers.StartSingleTimer(EventsDue.Instance, EventsDue.Instance, at - now);
        }
    }

    private void Await(TimeSpan bound) => owner.Timers.StartSingleTimer(Overdue.Instance, Overdue.Instance, bound);

    /// <summary>Sent to the pod's actor when it is time to <see cref="GiveUp"/>.</summary>
    internal sealed record Overdue { public static readonly Overdue Instance = new(); }

    /// <summary>Sent to the pod's actor when it is time to report Events that repeat.</summary>
    internal sealed record EventsDue { public static readonly EventsDue Instance = new(); }
}
