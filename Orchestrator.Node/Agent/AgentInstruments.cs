using System.Diagnostics.Metrics;
using Orchestrator.Actors.Monitoring;

namespace Orchestrator.Node.Agent;

/// <summary>Metrics of the agents of this host, with the names that the kubelet uses.</summary>
internal static class AgentInstruments
{
    private const string Operation = "operation_type";

    private static readonly Counter<long> OperationsTotal = Instruments.Counter("kubelet_runtime_operations_total", "Calls to the container runtime.", Operation);

    private static readonly Counter<long> OperationErrorsTotal =
        Instruments.Counter("kubelet_runtime_operations_errors_total", "Calls to the container runtime that failed.", Operation);

    private static readonly Histogram<double> OperationSeconds =
        Instruments.Seconds("kubelet_runtime_operations_duration_seconds", "Duration of calls to the container runtime.", 0.005, Operation);

    private static readonly Histogram<double> StepSeconds = Instruments.Seconds("kubelet_pod_worker_duration_seconds",
        "Duration of the steps that bring pods to their spec, the wait for a free place among parallel starts included.", 0.005, Operation);

    /// <summary>Records a finished call to the runtime.</summary>
    public static void Called(string operation, TimeSpan taken, bool hasFailed)
    {
        OperationsTotal.Add(1, Instruments.Label(Operation, operation));
        OperationSeconds.Record(taken.TotalSeconds, Instruments.Label(Operation, operation));
        if (hasFailed)
        {
            OperationErrorsTotal.Add(1, Instruments.Label(Operation, operation));
        }
    }

    /// <summary>Records a finished step of a pod.</summary>
    public static void Stepped(string step, TimeSpan taken) => StepSeconds.Record(taken.TotalSeconds, Instruments.Label(Operation, step));
}
