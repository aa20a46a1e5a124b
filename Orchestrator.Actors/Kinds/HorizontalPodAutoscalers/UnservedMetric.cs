using k8s.Models;

namespace Orchestrator.Actors.Kinds.HorizontalPodAutoscalers;

/// <summary>Metrics of other sources than containers: what Kubernetes says of them in a cluster in which nobody serves <c>custom.metrics.k8s.io</c> or <c>external.metrics.k8s.io</c>.</summary>
internal static class UnservedMetric
{
    private const string NoCustomMetrics = "unable to fetch metrics from custom metrics API: no custom metrics API (custom.metrics.k8s.io) registered";

    /// <summary>A metric of each pod.</summary>
    public static MetricFailure OfPods(V2PodsMetricSource of) => Failure("FailedGetPodsMetric", "pods", $"unable to get metric {of.Metric.Name}: {NoCustomMetrics}");

    /// <summary>A metric of an object.</summary>
    public static MetricFailure OfObject(V2ObjectMetricSource of, string ns) =>
        Failure("FailedGetObjectMetric", "object", $"unable to get metric {of.Metric.Name}: {NoCustomMetrics} on {of.DescribedObject.Kind} {ns}/{of.DescribedObject.Name}");

    /// <summary>A metric from outside of the cluster.</summary>
    public static MetricFailure OfExternal(V2ExternalMetricSource of, string ns) => Failure("FailedGetExternalMetric", $"{of.Metric.Name} external",
        $"unable to get external metric {ns}/{of.Metric.Name}/nil: unable to fetch metrics from external metrics API: no external metrics API (external.metrics.k8s.io) registered");

    private static MetricFailure Failure(string reason, string kind, string message) => new(reason, message, $"failed to get {kind} metric value: {message}");
}
