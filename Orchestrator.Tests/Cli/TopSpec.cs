using Orchestrator.Cli;
using Orchestrator.Cli.Output;

namespace Orchestrator.Tests.Cli;

/// <summary>The tables of <c>orc top</c>.</summary>
public class TopSpec
{
    private const string Metrics = "GET /apis/metrics.k8s.io/v1beta1";

    [Theory]
    [InlineData("top nodes", "NAME   CPU(cores)   CPU(%)      MEMORY(bytes)   MEMORY(%)\nn1     500m         25%         512Mi           50%\nn2     2m           <unknown>   1Mi             <unknown>\n")]
    [InlineData("top pods", "NAME   CPU(cores)   MEMORY(bytes)\na      3m           30Mi\nb      250m         5Mi\n")]
    [InlineData("top pods --sort-by=cpu --no-headers", "b   250m   5Mi\na   3m     30Mi\n")]
    [InlineData("top pods --containers", "POD   NAME   CPU(cores)   MEMORY(bytes)\na     x      1m           10Mi\na     y      2m           20Mi\nb     x      250m         5Mi\n")]
    [InlineData("top pod b", "NAME   CPU(cores)   MEMORY(bytes)\nb      250m         5Mi\n")]
    [InlineData("top pods -A -l app=web", "NAMESPACE   NAME   CPU(cores)   MEMORY(bytes)\nshop        b      250m         5Mi\n")]
    public async Task Usages_are_a_table(string line, string table)
    {
        using var cluster = Measured();
        Assert.Equal((0, table), (await cluster.OrcAsync(line), cluster.Output));
    }

    [Theory]
    [InlineData("top pods -n empty", 0, "No metrics found: what has just been started has its first after some seconds.\n")]
    [InlineData("top pods b -A", ExitCodes.Usage, "A pod has a namespace: specify it with --namespace instead of --all-namespaces.\n")]
    public async Task What_cannot_be_shown_is_said(string line, int code, string error)
    {
        using var cluster = Measured();
        Assert.Equal((code, error), (await cluster.OrcAsync(line), cluster.Error));
    }

    [Theory]
    [InlineData("1", 1)]
    [InlineData("1500m", 1.5)]
    [InlineData("250000000n", 0.25)]
    [InlineData("2k", 2000)]
    [InlineData("1e3", 1000)]
    [InlineData("64Ki", 65536)]
    [InlineData("", 0)]
    [InlineData("many", 0)]
    public void Quantities_are_amounts(string quantity, double amount) =>
        Assert.Equal(amount, Amounts.Of(new System.Text.Json.Nodes.JsonObject { ["memory"] = quantity }).Memory, 9);

    private static FakeCluster Measured()
    {
        const string b = """{"metadata":{"name":"b","namespace":"shop"},"containers":[{"name":"x","usage":{"cpu":"250m","memory":"5Mi"}}]}""";
        var cluster = new FakeCluster();
        cluster.On($"{Metrics}/nodes", """{"items":[{"metadata":{"name":"n1"},"usage":{"cpu":"500m","memory":"512Mi"}},{"metadata":{"name":"n2"},"usage":{"cpu":"1500u","memory":"1100Ki"}}]}""");
        cluster.On("GET /api/v1/nodes", """{"items":[{"metadata":{"name":"n1"},"status":{"allocatable":{"cpu":"2","memory":"1Gi"}}}]}""");
        cluster.On($"{Metrics}/namespaces/default/pods",
            $$$"""{"items":[{"metadata":{"name":"a"},"containers":[{"name":"x","usage":{"cpu":"1m","memory":"10Mi"}},{"name":"y","usage":{"cpu":"2m","memory":"20Mi"}}]},{{{b}}}]}""");
        cluster.On($"{Metrics}/namespaces/default/pods/b", b);
        cluster.On($"{Metrics}/pods?labelSelector=app=web", $$$"""{"items":[{{{b}}}]}""");
        cluster.On($"{Metrics}/namespaces/empty/pods", """{"items":[]}""");
        return cluster;
    }
}
