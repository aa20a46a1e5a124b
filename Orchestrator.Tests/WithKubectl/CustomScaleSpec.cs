using System.Text.Json.Nodes;
using Orchestrator.Tests.Kit;

namespace Orchestrator.Tests.WithKubectl;

/// <summary>Custom kinds with a scale of their own, by kubectl and by an autoscaler.</summary>
[Collection(MeteredCollection.Name)]
public sealed class CustomScaleSpec(MeteredCluster cluster) : IAsyncLifetime
{
    private const string External = "/apis/external.metrics.k8s.io/v1beta1";
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    public Task InitializeAsync() => Task.CompletedTask;

    public Task DisposeAsync() => cluster.Node.Kubectl(Kubectl.Newest).SucceedAsync("delete crd pools.scale.example.com --ignore-not-found");

    [Fact]
    public async Task A_custom_object_is_scaled_by_users_and_autoscalers()
    {
        var kubectl = await cluster.SpaceAsync(Kubectl.Newest);
        (await kubectl.FeedAsync("""
            apiVersion: apiextensions.k8s.io/v1
            kind: CustomResourceDefinition
            metadata: {name: pools.scale.example.com}
            spec:
              group: scale.example.com
              scope: Namespaced
              names: {kind: Pool, plural: pools}
              versions:
              - name: v1
                served: true
                storage: true
                subresources:
                  status: {}
                  scale: {specReplicasPath: .spec.workers.count, statusReplicasPath: .status.count, labelSelectorPath: .status.selector}
                schema:
                  openAPIV3Schema:
                    type: object
                    properties:
                      spec: {type: object, properties: {workers: {type: object, properties: {count: {type: integer, minimum: 0, maximum: 20}}}}}
                      status: {type: object, properties: {count: {type: integer}, selector: {type: string}}}
            """, "apply", "-f", "-")).Succeeded();
        await kubectl.SucceedAsync("wait --for=condition=Established crd/pools.scale.example.com --timeout=30s");
        (await kubectl.FeedAsync("""{"apiVersion":"scale.example.com/v1","kind":"Pool","metadata":{"name":"p"},"spec":{"workers":{"count":1}}}""", "apply", "-f", "-")).Succeeded();
        Assert.Contains("pools/scale", await kubectl.SucceedAsync("get --raw /apis/scale.example.com/v1"), StringComparison.Ordinal);

        await kubectl.SucceedAsync("scale pool p --replicas=3");
        Assert.Equal("3", await kubectl.SucceedAsync("get pool p -o jsonpath={.spec.workers.count}"));
        await kubectl.SucceedAsync("scale pool p --current-replicas=3 --replicas=2");
        Assert.Contains("should be less than or equal to 20", await kubectl.FailAsync("scale pool p --replicas=21"), StringComparison.Ordinal);
        await kubectl.SucceedAsync("patch pool p --subresource=status --type=merge -p {\"status\":{\"count\":2,\"selector\":\"app=pool\"}}");
        var scale = JsonNode.Parse(await kubectl.SucceedAsync($"get --raw /apis/scale.example.com/v1/namespaces/{kubectl.Space}/pools/p/scale"))!;
        Assert.Equal((2, 2, "app=pool"), ((int)scale["spec"]!["replicas"]!, (int)scale["status"]!["replicas"]!, (string)scale["status"]!["selector"]!));

        (await kubectl.FeedAsync("""
            apiVersion: autoscaling/v2
            kind: HorizontalPodAutoscaler
            metadata: {name: p}
            spec:
              scaleTargetRef: {apiVersion: scale.example.com/v1, kind: Pool, name: p}
              maxReplicas: 10
              metrics:
              - {type: External, external: {metric: {name: depth}, target: {type: AverageValue, averageValue: "5"}}}
            """, "apply", "-f", "-")).Succeeded();
        (await kubectl.FeedAsync("""{"items":[{"metricName":"depth","value":"20"}]}""", "create", "--raw", $"{External}/namespaces/{kubectl.Space}", "-f", "-")).Succeeded();
        await kubectl.WaitForAsync("get pool p -o jsonpath={.spec.workers.count}", t => t == "4", Patience);
        Assert.Contains("New size: 4; reason: external metric", await kubectl.SucceedAsync("describe hpa p"), StringComparison.Ordinal);
    }
}
