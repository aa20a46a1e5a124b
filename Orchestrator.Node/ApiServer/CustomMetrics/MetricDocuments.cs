using System.Text.Json.Nodes;
using Orchestrator.Actors.Api;
using Orchestrator.Actors.CustomMetrics;
using Orchestrator.Actors.Resources;

namespace Orchestrator.Node.ApiServer.CustomMetrics;

/// <summary>The documents of the custom and the external metrics API.</summary>
internal static class MetricDocuments
{
    private const int NanosPerMilli = 1_000_000;

    /// <summary>A <c>MetricValueList</c>.</summary>
    public static JsonObject Custom(IEnumerable<PushedMetric> values, ResourceDefinition kind) => List(MetricsPath.CustomGroup, MetricsPath.CustomVersion, "MetricValueList", values.Select(v => new JsonObject
    {
        ["describedObject"] = Described(v, kind),
        ["metric"] = v.Labels.IsEmpty ? new JsonObject { ["name"] = v.Metric } : new JsonObject { ["name"] = v.Metric, ["selector"] = new JsonObject { ["matchLabels"] = Labels(v) } },
        ["timestamp"] = KubeTime.Text(v.At),
        ["windowSeconds"] = (long)v.Window.TotalSeconds,
        ["value"] = Amount(v),
    }));

    /// <summary>An <c>ExternalMetricValueList</c>.</summary>
    public static JsonObject External(IEnumerable<PushedMetric> values) => List(MetricsPath.ExternalGroup, MetricsPath.ExternalVersion, "ExternalMetricValueList", values.Select(v => new JsonObject
    {
        ["metricName"] = v.Metric,
        ["metricLabels"] = Labels(v),
        ["timestamp"] = KubeTime.Text(v.At),
        ["windowSeconds"] = (long)v.Window.TotalSeconds,
        ["value"] = Amount(v),
    }));

    /// <summary>The discovery document: an entry for each metric of which there are values.</summary>
    public static JsonObject Resources(bool isExternal, IEnumerable<(string Resource, string Metric)> names, ResourceRegistry registry) => new()
    {
        ["kind"] = "APIResourceList",
        ["apiVersion"] = "v1",
        ["groupVersion"] = isExternal ? $"{MetricsPath.ExternalGroup}/{MetricsPath.ExternalVersion}" : $"{MetricsPath.CustomGroup}/{MetricsPath.CustomVersion}",
        ["resources"] = new JsonArray([.. names.Where(n => n.Resource.Length == 0 == isExternal).Select(n => (JsonNode)new JsonObject
        {
            ["name"] = isExternal ? n.Metric : $"{n.Resource}/{n.Metric}",
            ["singularName"] = "",
            ["namespaced"] = isExternal || registry.ByResource(n.Resource)?.Namespaced != false,
            ["kind"] = isExternal ? "ExternalMetricValueList" : "MetricValueList",
            ["verbs"] = new JsonArray("get"),
        })]),
    };

    private static JsonObject List(string group, string version, string kind, IEnumerable<JsonObject> items) => new()
    {
        ["kind"] = kind,
        ["apiVersion"] = $"{group}/{version}",
        ["metadata"] = new JsonObject(),
        ["items"] = new JsonArray([.. items]),
    };

    private static JsonObject Described(PushedMetric value, ResourceDefinition kind)
    {
        var described = new JsonObject { ["kind"] = kind.Kind, ["name"] = value.Name, ["apiVersion"] = kind.ApiVersion };
        if (kind.Namespaced)
        {
            described["namespace"] = value.Namespace;
        }

        return described;
    }

    private static JsonObject Labels(PushedMetric value) => new(value.Labels.Select(l => KeyValuePair.Create(l.Key, (JsonNode?)JsonValue.Create(l.Value))));

    private static string Amount(PushedMetric value) => new Quantity((Int128)value.Milli * NanosPerMilli, QuantityForm.Decimal).ToString();
}
