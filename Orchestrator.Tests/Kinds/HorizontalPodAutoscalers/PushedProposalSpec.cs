using System.Collections.Immutable;
using Orchestrator.Actors.CustomMetrics;
using Orchestrator.Actors.Kinds.HorizontalPodAutoscalers;
using static Orchestrator.Tests.Kinds.HorizontalPodAutoscalers.Autoscaled;

namespace Orchestrator.Tests.Kinds.HorizontalPodAutoscalers;

/// <summary>Metrics of other sources than containers.</summary>
public sealed class PushedProposalSpec
{
    private const string Pods = """{"type":"Pods","pods":{"metric":{"name":"rps"},"target":{"type":"AverageValue","averageValue":"10"}}}""";
    private const string PodsGet = """{"type":"Pods","pods":{"metric":{"name":"rps","selector":{"matchLabels":{"verb":"GET"}}},"target":{"type":"AverageValue","averageValue":"10"}}}""";
    private const string Object = """{"type":"Object","object":{"metric":{"name":"rps"},"describedObject":{"apiVersion":"v1","kind":"Service","name":"web"},"target":{"type":"Value","value":"20"}}}""";
    private const string ObjectEach = """{"type":"Object","object":{"metric":{"name":"rps"},"describedObject":{"apiVersion":"v1","kind":"Service","name":"web"},"target":{"type":"AverageValue","averageValue":"10"}}}""";
    private const string Shelf = """{"type":"Object","object":{"metric":{"name":"rps"},"describedObject":{"apiVersion":"shop.example/v1","kind":"Shelf","name":"web"},"target":{"type":"Value","value":"20"}}}""";
    private const string External = """{"type":"External","external":{"metric":{"name":"queue"},"target":{"type":"Value","value":"20"}}}""";
    private const string ExternalEach = """{"type":"External","external":{"metric":{"name":"queue","selector":{"matchLabels":{"name":"jobs"}}},"target":{"type":"AverageValue","averageValue":"10"}}}""";
    private const string Jobs = "&LabelSelector{MatchLabels:map[string]string{name: jobs,},MatchExpressions:[]LabelSelectorRequirement{},}";

    [Theory]

    // Two pods with 30 and 50 on average 40: four times what each should have.
    [InlineData(Pods, "pods web-0 rps 30, pods web-1 rps 50", 8, "pods metric rps", "Pods 40")]
    [InlineData(Pods, "pods web-0 rps 30, pods web-1 rps 50, pods stranger rps 999", 8, "pods metric rps", "Pods 40")]

    // One is unknown: it counts as idle when pods are to come.
    [InlineData(Pods, "pods web-0 rps 60", 6, "pods metric rps", "Pods 60")]
    [InlineData(PodsGet, "pods web-0 rps/verb=GET 20, pods web-0 rps/verb=PUT 99, pods web-1 rps/verb=GET 20", 4, "pods metric rps", "Pods 20")]
    [InlineData(Object, "services web rps 50, services other rps 99", 5, "Service metric rps", "Object 50")]
    [InlineData(Object, "services web rps 21", 2, "Service metric rps", "Object 21")]
    [InlineData(ObjectEach, "services web rps 45", 5, "external metric rps(nil)", "Object 22500m")]
    [InlineData(External, " * queue/name=jobs 30,  * queue/name=mail 30", 6, "external metric queue(nil)", "External 60")]
    [InlineData(ExternalEach, " * queue/name=jobs 45,  * queue/name=mail 99", 5, $"external metric queue({Jobs})", "External 22500m")]
    [InlineData(ExternalEach, " * queue/name=jobs 21", 2, $"external metric queue({Jobs})", "External 10500m")]
    public void It_asks_for(string metric, string pushed, int replicas, string name, string status)
    {
        var proposal = Of(metric, pushed);
        Assert.Equal((replicas, name, null), (proposal.Replicas, proposal.Name, proposal.Failure));
        var current = proposal.Status.Pods?.Current ?? proposal.Status.ObjectProperty?.Current ?? proposal.Status.External.Current;
        Assert.Equal(status, $"{proposal.Status.Type} {current.AverageValue ?? current.Value}");
    }

    [Theory]
    [InlineData(Pods, "FailedGetPodsMetric", "unable to get metric rps: unable to fetch metrics from custom metrics API: the server could not find the metric rps for pods", "failed to get pods metric value: ")]
    [InlineData(Object, "FailedGetObjectMetric", "unable to get metric rps: unable to fetch metrics from custom metrics API: the server could not find the metric rps for services web on Service default/web", "failed to get object metric value: ")]
    [InlineData(ObjectEach, "FailedGetObjectMetric", "unable to get metric rps: unable to fetch metrics from custom metrics API: the server could not find the metric rps for services web on Service default/web",
        "failed to get object metric value: failed to get rps object metric: ")]
    [InlineData(Shelf, "FailedGetObjectMetric", "unable to get metric rps: no matches for kind \"Shelf\" in group \"shop.example\" on Shelf default/web", "failed to get object metric value: ")]
    [InlineData(External, "FailedGetExternalMetric", "unable to get external metric default/queue/nil: no metrics returned from external metrics API",
        "failed to get queue external metric value: failed to get external metric queue: ")]
    [InlineData(ExternalEach, "FailedGetExternalMetric", $"unable to get external metric default/queue/{Jobs}: no metrics returned from external metrics API",
        "failed to get queue external metric value: failed to get queue external metric: ")]
    public void Without_values_the_reason_is_said(string metric, string reason, string message, string prefix) =>
        Assert.Equal(new MetricFailure(reason, message, prefix + message), Of(metric, "").Failure);

    private static MetricProposal Of(string metric, string pushed)
    {
        var store = new PushedMetricStore();
        store.Take(new PushedMetrics([.. pushed.Split(", ", StringSplitOptions.RemoveEmptyEntries).Select(Value)]), Now);
        var target = Target(Using(1, 1)) with { Pushed = store, ResourceOf = (group, kind) => (group, kind) == ("", "Service") ? "services" : null };
        return MetricProposal.Of(Autoscaler($$"""{"metrics":[{{metric}}]}""").Spec.Metrics[0], target, new ReplicaCalculator(AutoscalerSettings.Default, Now));
    }

    // Such as "pods web-0 rps/verb=GET 30".
    private static PushedMetric Value(string text)
    {
        var parts = text.Split(' ');
        var metric = parts[2].Split('/');
        var labels = metric.Length > 1 && metric[1].Split('=') is [var key, var value] ? ImmutableSortedDictionary<string, string>.Empty.Add(key, value) : ImmutableSortedDictionary<string, string>.Empty;
        return new PushedMetric(parts[0], "default", parts[1] == "*" ? "" : parts[1], metric[0], labels, long.Parse(parts[3], System.Globalization.CultureInfo.InvariantCulture) * 1000, Now, TimeSpan.Zero);
    }
}
