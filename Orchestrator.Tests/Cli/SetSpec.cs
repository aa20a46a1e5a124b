using System.Text.Json.Nodes;
using Orchestrator.Cli;

namespace Orchestrator.Tests.Cli;

/// <summary>The patches of <c>orc set</c>.</summary>
public class SetSpec
{
    private const string Web = "/apis/apps/v1/namespaces/default/deployments/web";

    [Theory]
    [InlineData("set resources deploy/web --requests=cpu=1", """{"containers":[{"name":"a","resources":{"requests":{"cpu":"1"}}},{"name":"b","resources":{"requests":{"cpu":"1"}}}]}""")]
    [InlineData("set resources deploy/web -c i,a --limits=memory=1Gi --requests=cpu=2",
        """{"containers":[{"name":"a","resources":{"requests":{"cpu":"2"},"limits":{"memory":"1Gi"}}}],"initContainers":[{"name":"i","resources":{"requests":{"cpu":"2"},"limits":{"memory":"1Gi"}}}]}""")]
    [InlineData("set resources deploy/web -c a --requests=memory=1Mi", null)]
    [InlineData("set env deploy/web LEVEL=debug OLD-", """{"containers":[{"name":"a","env":[{"name":"LEVEL","value":"debug","valueFrom":null},{"name":"OLD","$patch":"delete"}]},{"name":"b","env":[{"name":"LEVEL","value":"debug","valueFrom":null}]}]}""")]
    [InlineData("set env deploy/web -c a OLD=1 NONE-", null)]
    [InlineData("set image deploy/web *=x:2", """{"containers":[{"name":"a","image":"x:2"},{"name":"b","image":"x:2"}]}""")]
    public async Task Only_what_changes_is_sent(string line, string? podSpec)
    {
        using var cluster = Objects();
        Assert.Equal((0, ""), (await cluster.OrcAsync(line), cluster.Error));
        Assert.EndsWith(podSpec is null ? " unchanged\n" : " updated\n", cluster.Output, StringComparison.Ordinal);
        var sent = cluster.Requests.SingleOrDefault(r => r.Request == $"PATCH {Web}");
        Assert.Equal(podSpec, sent.Body?["spec"]!["template"]!["spec"]!.ToJsonString());
        Assert.Equal(podSpec is null ? null : "application/strategic-merge-patch+json", sent.Type);
    }

    [Theory]
    [InlineData("set resources deploy/web -c b --limits=cpu=1", """{"name":"b","image":"x:1","resources":{"limits":{"cpu":"1"}}}""", 1)]
    [InlineData("set env deploy/web -c a LEVEL=debug OLD-", """{"name":"a","image":"x:1","resources":{"requests":{"memory":"1Mi"}},"env":[{"name":"KEPT","value":"2"},{"name":"LEVEL","value":"debug"}]}""", 0)]
    [InlineData("set env deploy/web -c a OLD=9", """{"name":"a","image":"x:1","resources":{"requests":{"memory":"1Mi"}},"env":[{"name":"OLD","value":"9"},{"name":"KEPT","value":"2"}]}""", 0)]
    public async Task A_dry_run_shows_the_result(string line, string container, int at)
    {
        using var cluster = Objects();
        Assert.Equal(0, await cluster.OrcAsync($"{line} --dry-run=client -o json"));
        Assert.Equal(container, JsonNode.Parse(cluster.Output)!["spec"]!["template"]!["spec"]!["containers"]![at]!.ToJsonString());
    }

    [Fact]
    public async Task The_pods_of_a_cron_job_are_deeper()
    {
        using var cluster = Objects();
        cluster.On("GET /apis/batch/v1/namespaces/default/cronjobs/c", """{"metadata":{"name":"c"},"spec":{"jobTemplate":{"spec":{"template":{"spec":{"containers":[{"name":"c"}]}}}}}}""");
        cluster.On("PATCH /apis/batch/v1/namespaces/default/cronjobs/c", """{"metadata":{"name":"c"}}""");
        Assert.Equal(0, await cluster.OrcAsync("set env cj/c A=b"));
        Assert.Equal("b", (string?)cluster.Requests[^1].Body!["spec"]!["jobTemplate"]!["spec"]!["template"]!["spec"]!["containers"]![0]!["env"]![0]!["value"]);
    }

    [Theory]
    [InlineData("set resources deploy/web", ExitCodes.Usage, "Say what to set: --requests or --limits, such as --requests=cpu=200m,memory=64Mi.\n")]
    [InlineData("set env deploy/web", ExitCodes.Usage, "Say which variable to set or take off: NAME=VALUE or NAME-.\n")]
    [InlineData("set env deploy/web -c z A=b", ExitCodes.Failed, "deployment.apps/web has no container z: it has a, b, i.\n")]
    [InlineData("set env cm/m A=b", ExitCodes.Failed, "configmap/m has no containers: specify a pod or a workload such as deploy/web.\n")]
    public async Task A_mistake_says_what_to_write(string line, int code, string error)
    {
        using var cluster = Objects();
        Assert.Equal((code, error), (await cluster.OrcAsync(line), cluster.Error));
    }

    private static FakeCluster Objects()
    {
        var cluster = new FakeCluster();
        cluster.On($"GET {Web}", """
            {"metadata":{"name":"web"},"spec":{"template":{"spec":{
             "containers":[{"name":"a","image":"x:1","resources":{"requests":{"memory":"1Mi"}},"env":[{"name":"OLD","value":"1"},{"name":"KEPT","value":"2"}]},{"name":"b","image":"x:1"}],
             "initContainers":[{"name":"i","image":"x:1"}]}}}}
            """);
        cluster.On($"PATCH {Web}", """{"metadata":{"name":"web"}}""");
        cluster.On("GET /api/v1/namespaces/default/configmaps/m", """{"metadata":{"name":"m"}}""");
        return cluster;
    }
}
