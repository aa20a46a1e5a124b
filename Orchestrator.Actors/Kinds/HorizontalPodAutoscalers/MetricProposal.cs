using Orchestrator.Actors.Api;
using k8s.Models;

namespace Orchestrator.Actors.Kinds.HorizontalPodAutoscalers;

/// <summary>What one metric of an autoscaler asks for.</summary>
/// <param name="Replicas">Number of replicas.</param>
/// <param name="Name">Name of the metric in messages.</param>
/// <param name="Status">The metric in the status.</param>
/// <param name="Failure">Why there is no number; null if there is one.</param>
internal sealed record MetricProposal(int Replicas, string Name, V2MetricStatus Status, MetricFailure? Failure)
{
    // Kubernetes shows an entry without a type for a metric that failed, because clients match metrics by their position.
    private static readonly V2MetricStatus Unknown = new() { Type = "" };

    /// <summary>Evaluates a metric.</summary>
    /// <param name="metric">The metric of the spec.</param>
    /// <param name="scale">Scale and pods of the target.</param>
    /// <param name="calculator">See <see cref="ReplicaCalculator"/>.</param>
    public static MetricProposal Of(V2MetricSpec metric, ScaleTarget scale, ReplicaCalculator calculator) => metric switch
    {
        { Type: "Resource", Resource: { } of } => OfResource(of.Name, "", of.Target, "resource", scale, calculator,
            current => new V2MetricStatus { Type = metric.Type, Resource = new V2ResourceMetricStatus { Name = of.Name, Current = current } },
            error => new MetricFailure("FailedGetResourceMetric", error, $"failed to get {of.Name} resource metric value: {error}")),
        { Type: "ContainerResource", ContainerResource: { } of } => OfResource(of.Name, of.Container, of.Target, "container resource", scale, calculator,
            current => new V2MetricStatus { Type = metric.Type, ContainerResource = new V2ContainerResourceMetricStatus { Name = of.Name, Container = of.Container, Current = current } },
            error => new MetricFailure("FailedGetContainerResourceMetric", error, $"failed to get {of.Container} container metric value: {error}")),
        { Type: "Pods", Pods: { } of } => PushedProposal.OfPods(of, scale, calculator),
        { Type: "Object", ObjectProperty: { } of } => PushedProposal.OfObject(of, scale, calculator),
        { Type: "External", External: { } of } => PushedProposal.OfExternal(of, scale, calculator),
        _ => Failed(new MetricFailure("InvalidMetricSourceType", $"unknown metric source type \"{metric.Type}\"", $"unknown metric source type \"{metric.Type}\"")),
    };

    /// <summary>A metric that has no value.</summary>
    public static MetricProposal Failed(MetricFailure failure) => new(0, "", Unknown, failure);

    /// <summary>An amount of thousandths in the status.</summary>
    public static ResourceQuantity Amount(long milli) => new(new Quantity((Int128)milli * 1_000_000, QuantityForm.Decimal).ToString());

    private static MetricProposal OfResource(string resource, string container, V2MetricTarget target, string word, ScaleTarget scale, ReplicaCalculator calculator,
        Func<V2MetricValueStatus, V2MetricStatus> status, Func<string, MetricFailure> failure)
    {
        if (target.AverageValue is { } average)
        {
            var byAverage = calculator.ByAverage(scale.Scale.Replicas, AutoscaledPod.Milli(average), resource, container, scale.Pods);
            return byAverage.Error is not null ? Failed(failure($"failed to get {resource} usage: {byAverage.Error}"))
                : new(byAverage.Replicas, $"{resource} resource", status(new V2MetricValueStatus { AverageValue = Amount(byAverage.AverageMilli) }), null);
        }

        if (target.AverageUtilization is not { } percent)
        {
            return Failed(failure("invalid resource metric source: neither an average utilization target nor an average value (usage) target was set"));
        }

        var byShare = calculator.ByUtilization(scale.Scale.Replicas, percent, resource, container, scale.Pods);
        return byShare.Error is not null ? Failed(failure($"failed to get {resource} utilization: {byShare.Error}"))
            : new(byShare.Replicas, $"{resource} {word} utilization (percentage of request)",
                status(new V2MetricValueStatus { AverageUtilization = byShare.Percent, AverageValue = Amount(byShare.AverageMilli) }), null);
    }
}

/// <summary>Why a metric has no value.</summary>
/// <param name="Reason">Reason of the condition and of the event.</param>
/// <param name="Message">Message of the event.</param>
/// <param name="Error">The same with the kind of the metric, for the error about all metrics.</param>
internal sealed record MetricFailure(string Reason, string Message, string Error)
{
    /// <summary>Message of the condition.</summary>
    public string Condition => $"the HPA was unable to compute the replica count: {Message}";
}
