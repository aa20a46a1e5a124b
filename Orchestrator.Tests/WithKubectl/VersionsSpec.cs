using Orchestrator.Tests.Kit;

namespace Orchestrator.Tests.WithKubectl;

/// <summary>Kinds that are served in several groups or versions, by an unmodified kubectl.</summary>
[Collection(KubectlCollection.Name)]
public sealed class VersionsSpec(KubectlCluster cluster)
{
    [Fact]
    public async Task An_autoscaler_is_written_in_one_version_and_read_in_the_other()
    {
        var kubectl = await cluster.SpaceAsync(Kubectl.Newest);
        (await kubectl.FeedAsync("""{"apiVersion":"autoscaling/v1","kind":"HorizontalPodAutoscaler","metadata":{"name":"h"},"spec":{"maxReplicas":5,"targetCPUUtilizationPercentage":60,"scaleTargetRef":{"kind":"Deployment","name":"d"}}}""", "apply", "-f", "-")).Succeeded();
        Assert.Equal("60", await kubectl.SucceedAsync("get horizontalpodautoscalers.v2.autoscaling h -o jsonpath={.spec.metrics[0].resource.target.averageUtilization}"));
        Assert.Equal("60", await kubectl.SucceedAsync("get horizontalpodautoscalers.v1.autoscaling h -o jsonpath={.spec.targetCPUUtilizationPercentage}"));
        Assert.Equal("cpu: <unknown>/60%", Columns.Rows(await kubectl.SucceedAsync("get hpa h"))[0][2]);

        // A patch in the old version changes what the new one says.
        (await kubectl.FeedAsync("""{"apiVersion":"autoscaling/v1","kind":"HorizontalPodAutoscaler","metadata":{"name":"h"},"spec":{"maxReplicas":5,"targetCPUUtilizationPercentage":70,"scaleTargetRef":{"kind":"Deployment","name":"d"}}}""", "apply", "-f", "-")).Succeeded();
        Assert.Equal("70", await kubectl.SucceedAsync("get horizontalpodautoscalers.v2.autoscaling h -o jsonpath={.spec.metrics[*].resource.target.averageUtilization}"));
        Assert.Equal("v2 v1", string.Join(' ', (await cluster.Node.AskAsync(HttpMethod.Get, "/apis/autoscaling"))["versions"]!.AsArray().Select(v => (string)v!["version"]!)));
        Assert.Contains("targetCPUUtilizationPercentage", await kubectl.SucceedAsync("explain hpa.spec --api-version=autoscaling/v1"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Events_are_the_same_in_both_groups()
    {
        var kubectl = await cluster.WebAsync(Kubectl.Newest, 1);
        var core = await kubectl.JsonAsync("get events --field-selector involvedObject.kind=Deployment");
        var item = core["items"]![0]!;
        var other = await kubectl.JsonAsync($"get events.v1.events.k8s.io {item["metadata"]!["name"]}");
        Assert.Equal(((string?)item["message"], (string?)item["involvedObject"]!["name"], "events.k8s.io/v1"), ((string?)other["note"], (string?)other["regarding"]!["name"], (string?)other["apiVersion"]));
        (await kubectl.FeedAsync($$"""
            {"apiVersion":"events.k8s.io/v1","kind":"Event","metadata":{"name":"mine"},"eventTime":"2026-01-01T00:00:00.000000Z","reportingController":"example.com/c","reportingInstance":"i","action":"Testing",
             "reason":"Tested","note":"a word","type":"Normal","regarding":{"kind":"Pod","name":"p","namespace":"{{kubectl.Space}}" } }
            """, "create", "-f", "-")).Succeeded();
        Assert.Equal("a word", await kubectl.SucceedAsync("get events.v1. mine -o jsonpath={.message}"));
    }
}
