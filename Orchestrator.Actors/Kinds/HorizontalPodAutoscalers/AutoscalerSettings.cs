namespace Orchestrator.Actors.Kinds.HorizontalPodAutoscalers;

/// <summary>Settings of all autoscalers of a cluster, with the names and defaults of kube-controller-manager's flags <c>--horizontal-pod-autoscaler-…</c>.</summary>
/// <param name="SyncPeriod">Time between two decisions of an autoscaler.</param>
/// <param name="DownscaleStabilization">Window of recommendations of which the highest counts, for autoscalers that do not set one.</param>
/// <param name="InitialReadinessDelay">A pod that has been unready since this time after its start has never been ready.</param>
/// <param name="CpuInitializationPeriod">Time after the start of a pod in which its CPU counts only while it is ready, and not for the moment in which it became so.</param>
/// <param name="Tolerance">Difference of the ratio of value and target from 1 up to which nothing is done.</param>
public sealed record AutoscalerSettings(TimeSpan SyncPeriod, TimeSpan DownscaleStabilization, TimeSpan InitialReadinessDelay, TimeSpan CpuInitializationPeriod, double Tolerance)
{
    /// <summary>The defaults of Kubernetes.</summary>
    public static readonly AutoscalerSettings Default = new(TimeSpan.FromSeconds(15), TimeSpan.FromMinutes(5), TimeSpan.FromSeconds(30), TimeSpan.FromMinutes(5), 0.1);
}
