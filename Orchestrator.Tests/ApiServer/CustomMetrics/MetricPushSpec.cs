using System.Text.Json.Nodes;
using Orchestrator.Actors.Api;
using Orchestrator.Actors.Resources;
using Orchestrator.Node.ApiServer.Answers;
using Orchestrator.Node.ApiServer.CustomMetrics;

namespace Orchestrator.Tests.ApiServer.CustomMetrics;

/// <summary>What clients push, and the paths of the two groups.</summary>
public sealed class MetricPushSpec
{
    private static readonly DateTimeOffset Now = new(2026, 1, 2, 3, 4, 5, TimeSpan.Zero);
    private static readonly MetricsPath Custom = new(false, "default", "", "", null);
    private static readonly MetricsPath External = new(true, "default", "", "", null);

    [Theory]
    [InlineData("/apis/custom.metrics.k8s.io/v1beta2", "custom    ''")]
    [InlineData("/apis/custom.metrics.k8s.io/v1beta2/namespaces/shop", "custom shop   push")]
    [InlineData("/apis/custom.metrics.k8s.io/v1beta2/namespaces/shop/pods/*/rps", "custom shop pods * 'rps'")]
    [InlineData("/apis/custom.metrics.k8s.io/v1beta2/namespaces/shop/deployments.apps/web/rps", "custom shop deployments.apps web 'rps'")]
    [InlineData("/apis/custom.metrics.k8s.io/v1beta2/namespaces/shop/metrics/orders", "custom  namespaces shop 'orders'")]
    [InlineData("/apis/custom.metrics.k8s.io/v1beta2/nodes/n1/temperature", "custom  nodes n1 'temperature'")]
    [InlineData("/apis/external.metrics.k8s.io/v1beta1", "external    ''")]
    [InlineData("/apis/external.metrics.k8s.io/v1beta1/namespaces/shop", "external shop   push")]
    [InlineData("/apis/external.metrics.k8s.io/v1beta1/namespaces/shop/queue", "external shop   'queue'")]
    [InlineData("/apis/external.metrics.k8s.io/v1beta1/namespaces/shop/queue/deep", null)]
    [InlineData("/apis/custom.metrics.k8s.io/v1beta1/namespaces/shop", null)]
    [InlineData("/apis/custom.metrics.k8s.io", null)]
    [InlineData("/api/v1/namespaces/shop/pods", null)]
    public void A_path_is_taken_apart(string route, string? parts) =>
        Assert.Equal(parts, MetricsPath.Parse(route) is { } p ? $"{(p.IsExternal ? "external" : "custom")} {p.Namespace} {p.Resource} {p.Name} {(p.Metric is null ? "push" : $"'{p.Metric}'")}" : null);

    [Fact]
    public void Values_of_objects_are_read()
    {
        var push = MetricPush.Read(JsonNode.Parse("""
            {"items":[
              {"describedObject":{"kind":"Pod","name":"web-1"},"metric":{"name":"rps","selector":{"matchLabels":{"verb":"GET"}}},"value":"1500m","timestamp":"2026-01-02T03:04:00Z","windowSeconds":30},
              {"describedObject":{"apiVersion":"apps/v1","kind":"Deployment","name":"web","namespace":"default"},"metric":{"name":"orders"},"value":7,"timestamp":"2030-01-02T03:04:00Z"},
              {"describedObject":{"kind":"Node","name":"n1"},"metric":{"name":"temperature"},"value":"1k"}]}
            """), Custom, new ResourceRegistry(), Now);
        Assert.Equal(
            [
                ("pods", "default", "web-1", "rps", "verb=GET", 1500, -5, 30), ("deployments.apps", "default", "web", "orders", "", 7000, 0, 0), ("nodes", "", "n1", "temperature", "", 1_000_000, 0, 0),
            ],
            push.Values.Select(v => (v.Resource, v.Namespace, v.Name, v.Metric, string.Join(',', v.Labels.Select(l => $"{l.Key}={l.Value}")), (int)v.Milli, (int)(v.At - Now).TotalSeconds, (int)v.Window.TotalSeconds)));
    }

    [Fact]
    public void Values_from_outside_are_read()
    {
        var value = Assert.Single(MetricPush.Read(JsonNode.Parse("""{"items":[{"metricName":"queue","metricLabels":{"name":"jobs"},"value":"30"}]}"""), External, new ResourceRegistry(), Now).Values);
        Assert.Equal(("", "default", "", "queue", "jobs", 30_000L), (value.Resource, value.Namespace, value.Name, value.Metric, value.Labels["name"], value.Milli));
    }

    [Theory]
    [InlineData(false, "{}", "items[0].describedObject.kind: Required value|items[0].metric.name: Required value|items[0].value: Required value")]
    [InlineData(false, """{"describedObject":{"kind":"Shelf","name":"s"},"metric":{"name":"m"},"value":"1"}""", "items[0].describedObject.kind: Not found: \"Shelf\"")]
    [InlineData(false, """{"describedObject":{"kind":"Pod","name":"p","namespace":"other"},"metric":{"name":"m"},"value":"1"}""", "items[0].describedObject.namespace: Invalid value: \"other\": must be default, as in the URL")]
    [InlineData(false, """{"describedObject":{"kind":"Pod","name":"a/b"},"metric":{"name":"*"},"value":"much"}""",
        "items[0].describedObject.name: Invalid value: \"a/b\": must be a part of a path of at most 253 characters|items[0].metric.name: Invalid value: \"*\": must be a part of a path of at most 253 characters|items[0].value: Invalid value: \"much\": must be a quantity")]
    [InlineData(true, """{"metricName":"m","value":"1","timestamp":"today"}""", "items[0].timestamp: Invalid value: \"today\": must be a time such as 2006-01-02T15:04:05Z")]
    [InlineData(true, "7", "items[0]: Invalid value: 7: must be an object")]
    public void A_wrong_field_is_named(bool isExternal, string item, string errors)
    {
        var refused = Assert.Throws<ApiException>(() => MetricPush.Read(JsonNode.Parse($$"""{"items":[{{item}}]}"""), isExternal ? External : Custom, new ResourceRegistry(), Now));
        Assert.Equal((ApiReason.Invalid, errors), (refused.Error.Reason, string.Join('|', refused.Error.Causes.Select(c => $"{c.Field}: {c.Message}"))));
    }

    [Theory]
    [InlineData("[]", ApiReason.BadRequest)]
    [InlineData("{}", ApiReason.BadRequest)]
    [InlineData("null", ApiReason.BadRequest)]
    public void What_is_no_list_is_refused(string body, ApiReason reason) =>
        Assert.Equal(reason, Assert.Throws<ApiException>(() => MetricPush.Read(JsonNode.Parse(body), Custom, new ResourceRegistry(), Now)).Error.Reason);

    [Fact]
    public void Too_many_at_once_are_refused() => Assert.Equal(ApiReason.RequestEntityTooLarge,
        Assert.Throws<ApiException>(() => MetricPush.Read(new JsonObject { ["items"] = new JsonArray([.. Enumerable.Range(0, 10_001).Select(_ => (JsonNode)new JsonObject())]) }, Custom, new ResourceRegistry(), Now)).Error.Reason);
}
