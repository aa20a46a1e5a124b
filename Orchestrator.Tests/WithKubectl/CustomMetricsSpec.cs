using System.Text.Json.Nodes;
using Orchestrator.Tests.Kit;

namespace Orchestrator.Tests.WithKubectl;

/// <summary>Metrics that somebody pushes, and autoscalers that scale by them.</summary>
[Collection(MeteredCollection.Name)]
public sealed class CustomMetricsSpec(MeteredCluster cluster)
{
    private const string Custom = "/apis/custom.metrics.k8s.io/v1beta2";
    private const string External = "/apis/external.metrics.k8s.io/v1beta1";
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(120);

    [Fact]
    public async Task What_is_pushed_can_be_read()
    {
        var kubectl = await cluster.PodAsync(Kubectl.Newest, "web", "sleep 3600");
        var space = kubectl.Space!;
        await PushAsync(kubectl, $"{Custom}/namespaces/{space}",
            """{"items":[{"describedObject":{"kind":"Pod","name":"web"},"metric":{"name":"rps","selector":{"matchLabels":{"verb":"GET"}}},"value":"1500m","windowSeconds":30},{"describedObject":{"kind":"Pod","name":"gone"},"metric":{"name":"rps"},"value":"9"}]}""");
        await PushAsync(kubectl, $"{External}/namespaces/{space}", """{"items":[{"metricName":"queue","metricLabels":{"name":"jobs"},"value":"30"},{"metricName":"queue","metricLabels":{"name":"mail"},"value":"7"}]}""");

        var one = await RawAsync(kubectl, $"{Custom}/namespaces/{space}/pods/web/rps");
        Assert.Equal(("MetricValueList", "custom.metrics.k8s.io/v1beta2"), ((string)one["kind"]!, (string)one["apiVersion"]!));
        var value = Assert.Single(one["items"]!.AsArray())!;
        Assert.Equal(("Pod", "web", space, "v1"), ((string)value["describedObject"]!["kind"]!, (string)value["describedObject"]!["name"]!, (string)value["describedObject"]!["namespace"]!, (string)value["describedObject"]!["apiVersion"]!));
        Assert.Equal(("rps", "GET", "1500m", 30), ((string)value["metric"]!["name"]!, (string)value["metric"]!["selector"]!["matchLabels"]!["verb"]!, (string)value["value"]!, (int)value["windowSeconds"]!));
        Assert.Single((await RawAsync(kubectl, $"{Custom}/namespaces/{space}/pods/*/rps?labelSelector=app%3Dweb"))["items"]!.AsArray());
        Assert.Contains("the server could not find the metric rps for pods", await kubectl.FailAsync($"get --raw {Custom}/namespaces/{space}/pods/*/rps?labelSelector=app%3Dother"), StringComparison.Ordinal);
        Assert.Contains("the server could not find the metric heat for pods web", await kubectl.FailAsync($"get --raw {Custom}/namespaces/{space}/pods/web/heat"), StringComparison.Ordinal);

        var outside = (await RawAsync(kubectl, $"{External}/namespaces/{space}/queue?labelSelector=name%3Djobs"))["items"]!.AsArray();
        Assert.Equal(("queue", "jobs", "30"), ((string)outside.Single()!["metricName"]!, (string)outside[0]!["metricLabels"]!["name"]!, (string)outside[0]!["value"]!));
        Assert.Empty((await RawAsync(kubectl, $"{External}/namespaces/{space}/other"))["items"]!.AsArray());

        Assert.Equal("v1beta2", (string?)(await RawAsync(kubectl, "/apis/custom.metrics.k8s.io"))["preferredVersion"]!["version"]);
        Assert.Contains("pods/rps", (await RawAsync(kubectl, Custom))["resources"]!.AsArray().Select(r => (string)r!["name"]!));
        Assert.Contains("queue", (await RawAsync(kubectl, External))["resources"]!.AsArray().Select(r => (string)r!["name"]!));
        Assert.Contains("custom.metrics.k8s.io/v1beta2", await kubectl.SucceedAsync("api-versions"), StringComparison.Ordinal);

        var refused = await kubectl.FeedAsync("""{"items":[{"metricName":"queue"}]}""", "create", "--raw", $"{External}/namespaces/{space}", "-f", "-");
        Assert.Contains("items[0].value: Required value", refused.Error, StringComparison.Ordinal);
        Assert.Contains("MethodNotAllowed", (await kubectl.RunAsync("get", "--raw", $"{External}/namespaces/{space}")).Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_autoscaler_scales_by_what_is_pushed()
    {
        var kubectl = await cluster.WebAsync(Kubectl.Newest, replicas: 1);
        (await kubectl.FeedAsync("""
            apiVersion: autoscaling/v2
            kind: HorizontalPodAutoscaler
            metadata:
              name: web
            spec:
              scaleTargetRef:
                apiVersion: apps/v1
                kind: Deployment
                name: web
              maxReplicas: 10
              metrics:
              - type: External
                external:
                  metric:
                    name: queue
                  target:
                    type: AverageValue
                    averageValue: "10"
            """, "apply", "-f", "-")).Succeeded();
        await kubectl.WaitForAsync("describe hpa web", t => t.Contains("no metrics returned from external metrics API", StringComparison.Ordinal), Patience);
        await PushAsync(kubectl, $"{External}/namespaces/{kubectl.Space}", """{"items":[{"metricName":"queue","value":"38"}]}""");
        await kubectl.WaitForAsync("get deployment web -o jsonpath={.status.readyReplicas}", t => t == "4", Patience);
        await kubectl.WaitForAsync("get hpa web --no-headers", t => t.Contains("9500m/10 (avg)", StringComparison.Ordinal), Patience);
        Assert.Contains("New size: 4; reason: external metric queue(nil) above target", await kubectl.WaitForAsync("describe hpa web", t => t.Contains("SuccessfulRescale", StringComparison.Ordinal)), StringComparison.Ordinal);
    }

    private static async Task PushAsync(Kubectl kubectl, string path, string body) => (await kubectl.FeedAsync(body, "create", "--raw", path, "-f", "-")).Succeeded();

    private static async Task<JsonNode> RawAsync(Kubectl kubectl, string path) => JsonNode.Parse(await kubectl.SucceedAsync($"get --raw {path}"))!;
}
