using System.Text.Json.Nodes;
using Akka.Actor;
using Orchestrator.Actors.Api;
using Orchestrator.Actors.Entities;
using Orchestrator.Actors.Journal;

namespace Orchestrator.Node.Agent.Pods;

/// <summary>Reports status changes of a pod and its Events to its entity, one report at a time. Sends nothing before <see cref="Allow"/>, so that
/// short-lived states at the start are not reported. Part of the pod's actor; not thread-safe.</summary>
internal sealed class PodReporter(AgentServices services, CommandOutbox<PodCommand> commands, IWithTimers owner)
{
    private readonly EventBacklog _events = new();
    private readonly ReportPace _pace = new();
    private bool _isReporting;
    private bool _mayReport;
    private (KubeObject Pod, RuntimePodStatus? Observed, PodMemory Memory)? _settled;
    private (KubeObject Pod, RuntimePodStatus? Observed, PodMemory Memory)? _sent;

    /// <summary>Author of the reports in the journal.</summary>
    public string By => $"system:node:{services.Node}";

    /// <summary>Queues Events for the next report, or for a report of their own when they are due.</summary>
    public void Record(params IEnumerable<RecordedEvent> recordedEvents)
    {
        foreach (var recorded in recordedEvents)
        {
            _events.Add(recorded, services.Time.GetUtcNow());
        }
    }

    /// <summary>Allows reports from now on.</summary>
    public void Allow() => _mayReport = true;

    /// <summary>Sends a report if the status has changed and no report is in flight or waits for its next try.</summary>
    public void Report(KubeObject pod, RuntimePodStatus? observed, PodMemory memory)
    {
        if (_isReporting || !_mayReport)
        {
            return;
        }

        var now = services.Time.GetUtcNow();
        var isDue = _events.DueAt <= now;
        if (!isDue && _settled is { } s && ReferenceEquals(s.Pod, pod) && ReferenceEquals(s.Observed, observed) && ReferenceEquals(s.Memory, memory))
        {
            Later(now);
            return;
        }

        var before = pod.ToNode()["status"] as JsonObject ?? [];
        var status = PodStatusBuilder.Build(pod, observed, memory, before, services.HostIps, services.RuntimeName, now);
        var change = JsonMerge.Diff(before, status);
        var patch = change is null ? null : new JsonObject { ["status"] = StatusConditions.WithRemovals(change, before, status) };
        if (patch is null && !isDue)
        {
            // Nothing to report until one of them changes.
            _settled = (pod, observed, memory);
            Later(now);
            return;
        }

        if (_pace.Take((change?["containerStatuses"] as JsonArray)?.Count ?? 0, now) is var wait && wait > TimeSpan.Zero)
        {
            owner.Timers.StartSingleTimer(ReportDue.Instance, ReportDue.Instance, wait);
            return;
        }

        _isReporting = true;
        _sent = (pod, observed, memory);
        commands.Send(PodCommand.Report, new MergeObject(pod.Key, pod.Uid, patch ?? [], "reported", By, pod.Revision, RecordedEvents: _events.Take(now)));
    }

    /// <summary>Handles the outcome of a report. One that was refused or not answered is built again when it is due; if only the reply was lost, its
    /// Events are counted twice.</summary>
    /// <returns>Whether to report again immediately.</returns>
    public bool Take(SettledCommand<PodCommand> report)
    {
        if (report.AgainIn is not null)
        {
            _events.GiveBack();
            return false;
        }

        _events.Settle();
        _isReporting = false;
        if (report.Reply is { Object: { } taken, Before: var before } && _sent is { } sent && before == sent.Pod.Revision)
        {
            // The pod was not changed in between, so its status is the reported one.
            _settled = (taken, sent.Observed, sent.Memory);
        }

        _sent = null;
        return report.Reply.Error is null;
    }

    /// <summary>Handles that a report is due again.</summary>
    public void TakeDue() => _isReporting = false;

    private void Later(DateTimeOffset now)
    {
        if (_events.DueAt is { } at)
        {
            owner.Timers.StartSingleTimer(ReportDue.Instance, ReportDue.Instance, at - now);
        }
    }

    /// <summary>Sent to the pod's actor when it is time for a report: of Events that repeat, or of a status that had to wait.</summary>
    internal sealed record ReportDue { public static readonly ReportDue Instance = new(); }
}
