using System.Diagnostics.Metrics;
using Orchestrator.Actors.Monitoring;

namespace Orchestrator.Actors.Scheduling;

/// <summary>Metrics of the scheduler. They are zero except on the host of the singleton.</summary>
internal static class SchedulerInstruments
{
    private static readonly KeyValuePair<string, object?> Active = Instruments.Label("queue", "active");
    private static readonly KeyValuePair<string, object?> Unschedulable = Instruments.Label("queue", "unschedulable");

    private static readonly Gauge<long> PendingPods = Instruments.Gauge("scheduler_pending_pods",
        "Pods without a node: active (waiting for their binding), unschedulable (no node takes them now).", "queue");

    private static readonly Counter<long> AttemptsTotal = Instruments.CounterFromZero("scheduler_schedule_attempts_total",
        "Attempts to find a node for a pod: scheduled, unschedulable, or error (the binding was refused or not answered).", "result", "scheduled", "unschedulable", "error");

    private static readonly Histogram<double> PassSeconds = Instruments.Seconds("scheduler_scheduling_algorithm_duration_seconds",
        "Time to find nodes for all pods that wait; one measurement per pass.", 0.0001);

    private static readonly Histogram<double> PodSeconds = Instruments.Seconds("scheduler_pod_scheduling_sli_duration_seconds",
        "Time from when the scheduler saw a pod until its node was stored.", 0.002);

    private static readonly Counter<long> PreemptionsTotal = Instruments.Counter("scheduler_preemption_attempts_total", "Nodes that were freed for a pod of higher priority.");

    private static readonly Counter<long> VictimsTotal = Instruments.Counter("scheduler_preemption_victims_total", "Pods that had to go for pods of higher priority.");

    /// <summary>The lengths of the queues.</summary>
    public static void Pending(int active, int unschedulable)
    {
        PendingPods.Record(active, Active);
        PendingPods.Record(unschedulable, Unschedulable);
    }

    /// <summary>A pass over all pods that wait.</summary>
    public static void Passed(TimeSpan taken, int scheduled, int unschedulable)
    {
        PassSeconds.Record(taken.TotalSeconds);
        Count("scheduled", scheduled);
        Count("unschedulable", unschedulable);
    }

    /// <summary>Bindings that were refused or not answered.</summary>
    public static void Failed(int bindings) => Count("error", bindings);

    /// <summary>A node is freed.</summary>
    public static void Preempted(int victims)
    {
        PreemptionsTotal.Add(1);
        VictimsTotal.Add(victims);
    }

    /// <summary>A pod has its node.</summary>
    public static void Bound(TimeSpan waited) => PodSeconds.Record(waited.TotalSeconds);

    private static void Count(string result, int pods)
    {
        if (pods > 0)
        {
            AttemptsTotal.Add(pods, Instruments.Label("result", result));
        }
    }
}
