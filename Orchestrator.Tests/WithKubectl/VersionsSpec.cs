using System.Text.Json.Nodes;
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

    [Theory]
    [InlineData("metrics", """[{"type":"Resource","resource":5}]""")]
    [InlineData("metrics", "[5]")]
    [InlineData("metrics", "5")]
    [InlineData("behavior", "5")]
    [InlineData("behavior", """{"scaleDown":[]}""")]
    [InlineData("behavior", """{"a":1,"a":2}""")]
    [InlineData("behavior", "not JSON")]
    [InlineData("conditions", """[{"type":{}}]""")]
    public async Task What_an_annotation_brings_is_checked_as_the_object_is(string name, string value)
    {
        var space = (await cluster.SpaceAsync(Kubectl.Newest)).Space;
        var path = $"/apis/autoscaling/v1/namespaces/{space}/horizontalpodautoscalers";
        var body = new JsonObject
        {
            ["metadata"] = new JsonObject { ["name"] = "h", ["annotations"] = new JsonObject { [$"autoscaling.alpha.kubernetes.io/{name}"] = value } },
            ["spec"] = new JsonObject { ["maxReplicas"] = 3, ["scaleTargetRef"] = new JsonObject { ["kind"] = "Deployment", ["name"] = "d" } },
            ["status"] = new JsonObject(),
        };
        try
        {
            await cluster.Node.AskAsync(HttpMethod.Post, path, body.ToJsonString());
        }
        catch (HttpRequestException e)
        {
            Assert.Equal(System.Net.HttpStatusCode.BadRequest, e.StatusCode);
        }

        // Whatever became of it, everybody's lists go on.
        foreach (var version in (string[])["v1", "v2"])
        {
            Assert.NotNull((await cluster.Node.AskAsync(HttpMethod.Get, $"/apis/autoscaling/{version}/horizontalpodautoscalers"))["items"]);
        }

        await cluster.Node.Kubectl(Kubectl.Newest, space).SucceedAsync("get hpa");
    }

    [Fact]
    public async Task Depth_cannot_be_smuggled_in()
    {
        var space = (await cluster.SpaceAsync(Kubectl.Newest)).Space;
        var deep = string.Concat(Enumerable.Repeat("[", 62)) + string.Concat(Enumerable.Repeat("]", 62));
        var path = $"/apis/autoscaling/v1/namespaces/{space}/horizontalpodautoscalers";
        await cluster.Node.AskAsync(HttpMethod.Post, path, $$$"""{"metadata":{"name":"h","annotations":{"autoscaling.alpha.kubernetes.io/behavior":"{{{deep}}}"}},"spec":{"maxReplicas":3,"scaleTargetRef":{"kind":"Deployment","name":"d"} } }""");
        await cluster.Node.AskAsync(HttpMethod.Delete, $"{path}/h");
        await cluster.Node.AskAsync(HttpMethod.Post, path, """{"metadata":{"name":"h"},"spec":{"maxReplicas":3,"scaleTargetRef":{"kind":"Deployment","name":"d"}}}""");
    }
}
