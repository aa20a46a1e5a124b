using System.Diagnostics.Metrics;
using Orchestrator.Actors.Api;
using Orchestrator.Actors.Monitoring;

namespace Orchestrator.Actors.Reconcile;

/// <summary>Metrics of the controllers of this host. The label is the resource of a controller, such as <c>deployments.apps</c>.</summary>
internal static class ControllerInstruments
{
    private const string Controller = "name";

    private static readonly Counter<long> AddsTotal = Instruments.Counter("workqueue_adds_total", "Wakes of objects with a controller.", Controller);

    private static readonly Counter<long> RetriesTotal = Instruments.Counter("workqueue_retries_total", "Plans that are made again after a back-off, because commands were rejected.", Controller);

    private static readonly Histogram<double> WorkSeconds = Instruments.Seconds("workqueue_work_duration_seconds", "Time to plan; one measurement per reconcile.", 0.00005, Controller);

    private static readonly Counter<long> ErrorsTotal = Instruments.Counter("orchestrator_controller_errors_total", "Plans that threw: a bug of this program.", Controller);

    private static readonly Counter<long> RejectedTotal = Instruments.Counter("orchestrator_controller_rejected_commands_total",
        "Commands of plans that were not carried out.", Controller, "reason");

    /// <summary>An object was woken.</summary>
    public static void Woken(string controller) => AddsTotal.Add(1, Instruments.Label(Controller, controller));

    /// <summary>A plan was made.</summary>
    public static void Planned(string controller, TimeSpan taken) => WorkSeconds.Record(taken.TotalSeconds, Instruments.Label(Controller, controller));

    /// <summary>A plan threw.</summary>
    public static void Failed(string controller) => ErrorsTotal.Add(1, Instruments.Label(Controller, controller));

    /// <summary>A command was rejected.</summary>
    public static void Rejected(string controller, ApiReason reason) =>
        RejectedTotal.Add(1, Instruments.Label(Controller, controller), Instruments.Label("reason", Enum.GetName(reason) ?? ""));

    /// <summary>A plan waits for its next try.</summary>
    public static void BackedOff(string controller) => RetriesTotal.Add(1, Instruments.Label(Controller, controller));
}
