using Orchestrator.Actors.CustomMetrics;
using k8s.Models;

namespace Orchestrator.Actors.Kinds.HorizontalPodAutoscalers;

/// <summary>What metrics of other sources than containers ask for: values that clients push, of pods, of an object, or from outside of the cluster. The words are those of
/// Kubernetes.</summary>
internal static class PushedProposal
{
    private const string NoCustom = "unable to fetch metrics from custom metrics API: the server could not find the metric";
    private const string Neither = "neither a value target nor an average value target was set";

    /// <summary>By the average of a value of each pod.</summary>
    public static MetricProposal OfPods(V2PodsMetricSource of, ScaleTarget scale, ReplicaCalculator calculator)
    {
        var samples = scale.Pushed.Find("pods", scale.Namespace, of.Metric.Name).Where(v => MetricSelectors.Matches(of.Metric.Selector, v.Labels))
            .GroupBy(v => v.Name).ToDictionary(g => g.Key, g => new ResourceSample(g.Sum(v => v.Milli), g.Min(v => v.At), g.First().Window));
        foreach (var stranger in samples.Keys.Except(scale.Pods.Select(p => p.Name)).ToList())
        {
            samples.Remove(stranger);
        }

        if (samples.Count == 0)
        {
            return Failed($"unable to get metric {of.Metric.Name}: {NoCustom} {of.Metric.Name} for pods");
        }

        var average = of.Target.AverageValue is { } wanted ? calculator.ByAverage(scale.Scale.Replicas, AutoscaledPod.Milli(wanted), samples, isCpu: false, scale.Pods)
            : Calculation.Failed("invalid pods metric source: no average value target was set");
        return average.Error is { } error ? Failed(error) : new MetricProposal(average.Replicas, $"pods metric {of.Metric.Name}", new V2MetricStatus
        {
            Type = "Pods",
            Pods = new V2PodsMetricStatus { Metric = of.Metric, Current = new V2MetricValueStatus { AverageValue = MetricProposal.Amount(average.AverageMilli) } },
        }, null);

        MetricProposal Failed(string error) => MetricProposal.Failed(new MetricFailure("FailedGetPodsMetric", error, $"failed to get pods metric value: {error}"));
    }

    /// <summary>By a value of one object: as it is, or shared by the pods.</summary>
    public static MetricProposal OfObject(V2ObjectMetricSource of, ScaleTarget scale, ReplicaCalculator calculator)
    {
        var described = of.DescribedObject;
        var group = described.ApiVersion is { } version && version.Contains('/', StringComparison.Ordinal) ? version.Split('/')[0] : "";
        var resource = scale.ResourceOf(group, described.Kind);
        var values = resource is null ? [] : scale.Pushed.Find(resource, scale.Namespace, of.Metric.Name)
            .Where(v => v.Name == described.Name && MetricSelectors.Matches(of.Metric.Selector, v.Labels)).ToList();
        var unknown = resource is null ? $"no matches for kind \"{described.Kind}\" in group \"{group}\"" : $"{NoCustom} {of.Metric.Name} for {resource} {described.Name}";
        var missing = $"unable to get metric {of.Metric.Name}: {unknown} on {described.Kind} {scale.Namespace}/{described.Name}";
        return of.Target switch
        {
            { Type: "Value", Value: { } wanted } => values.Count == 0 ? Failed(missing, missing)
                : calculator.ByValue(scale.Scale.Replicas, values[0].Milli, AutoscaledPod.Milli(wanted), scale.Pods) is var byValue && byValue.Error is { } error ? Failed(error, error)
                : Proposal(byValue, $"{described.Kind} metric {of.Metric.Name}", isAverage: false),
            { Type: "AverageValue", AverageValue: { } wanted } => values.Count == 0 ? Failed(missing, $"failed to get {of.Metric.Name} object metric: {missing}")
                : Proposal(calculator.ByShare(scale.Scale.StatusReplicas, values[0].Milli, AutoscaledPod.Milli(wanted)), $"external metric {of.Metric.Name}({MetricSelectors.Text(of.Metric.Selector)})", isAverage: true),
            _ => Failed($"invalid object metric source: {Neither}", $"invalid object metric source: {Neither}"),
        };

        MetricProposal Proposal(Calculation calculation, string name, bool isAverage) => new(calculation.Replicas, name, new V2MetricStatus
        {
            Type = "Object",
            ObjectProperty = new V2ObjectMetricStatus { DescribedObject = described, Metric = of.Metric, Current = Current(calculation, isAverage) },
        }, null);

        MetricProposal Failed(string error, string wrapped) => MetricProposal.Failed(new MetricFailure("FailedGetObjectMetric", error, $"failed to get object metric value: {wrapped}"));
    }

    /// <summary>By the sum of the values from outside: as it is, or shared by the pods.</summary>
    public static MetricProposal OfExternal(V2ExternalMetricSource of, ScaleTarget scale, ReplicaCalculator calculator)
    {
        var values = scale.Pushed.Find("", scale.Namespace, of.Metric.Name).Where(v => MetricSelectors.Matches(of.Metric.Selector, v.Labels)).ToList();
        var sum = (long)Int128.Clamp(values.Aggregate(Int128.Zero, (all, v) => all + v.Milli), long.MinValue, long.MaxValue);
        var name = $"external metric {of.Metric.Name}({MetricSelectors.Text(of.Metric.Selector)})";
        var missing = $"unable to get external metric {scale.Namespace}/{of.Metric.Name}/{MetricSelectors.Text(of.Metric.Selector)}: no metrics returned from external metrics API";
        return of.Target switch
        {
            { AverageValue: { } wanted } => values.Count == 0 ? Failed(missing, $"failed to get {of.Metric.Name} external metric: {missing}")
                : Proposal(calculator.ByShare(scale.Scale.StatusReplicas, sum, AutoscaledPod.Milli(wanted)), isAverage: true),
            { Value: { } wanted } => values.Count == 0 ? Failed(missing, $"failed to get external metric {of.Metric.Name}: {missing}")
                : calculator.ByValue(scale.Scale.Replicas, sum, AutoscaledPod.Milli(wanted), scale.Pods) is var byValue && byValue.Error is { } error ? Failed(error, $"failed to get external metric {of.Metric.Name}: {error}")
                : Proposal(byValue, isAverage: false),
            _ => Failed($"invalid external metric source: {Neither}", $"invalid external metric source: {Neither}"),
        };

        MetricProposal Proposal(Calculation calculation, bool isAverage) => new(calculation.Replicas, name, new V2MetricStatus
        {
            Type = "External",
            External = new V2ExternalMetricStatus { Metric = of.Metric, Current = Current(calculation, isAverage) },
        }, null);

        MetricProposal Failed(string error, string wrapped) => MetricProposal.Failed(new MetricFailure("FailedGetExternalMetric", error, $"failed to get {of.Metric.Name} external metric value: {wrapped}"));
    }

    private static V2MetricValueStatus Current(Calculation calculation, bool isAverage) =>
        isAverage ? new V2MetricValueStatus { AverageValue = MetricProposal.Amount(calculation.AverageMilli) } : new V2MetricValueStatus { Value = MetricProposal.Amount(calculation.AverageMilli) };
}
