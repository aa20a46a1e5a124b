using Orchestrator.Cli;
using Orchestrator.Cli.Commands;
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
    [InlineData("top pod b --since=1h", "from=3600s&step=180s")]
    [InlineData("top pod b --since=1h --step=1m", "from=3600s&step=60s")]
    [InlineData("top pod b --since=20s", "from=20s&step=15s")]
    public async Task What_was_used_is_a_table_with_bars(string line, string query)
    {
        using var cluster = Measured();
        cluster.On($"GET /apis/history.orchestrator.io/v1/metrics.k8s.io/pods/default/b?{query}",
            """{"time":[0,60,120,180],"cpu":[null,0.5,0.25,0.001],"memory":[null,1048576,2097152,2097152]}""");
        Assert.Equal(0, await cluster.OrcAsync(line));
        var (whole, half, none) = (new string('█', 20), new string('█', 10), new string(' ', 10));
        Assert.Equal($"""
            TIME (UTC)   CPU(cores)   {none}{none}   MEMORY(bytes)
            00:01:00     500m         {whole}   1Mi             {half}
            00:02:00     250m         {half}{none}   2Mi             {whole}
            00:03:00     1m           ▏{none}         {"   "}2Mi             {whole}

            """, cluster.Output);
    }

    [Fact]
    public async Task What_a_node_used_has_no_namespace()
    {
        using var cluster = Measured();
        cluster.On("GET /apis/history.orchestrator.io/v1/metrics.k8s.io/nodes/-/n1?from=3600s&step=180s", """{"time":[0]}""");
        Assert.Equal(0, await cluster.OrcAsync("top node n1 --since=1h -o json"));
        Assert.Contains("\"time\"", cluster.Output, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(0, "")]
    [InlineData(0.00001, "▏")]
    [InlineData(0.5, "██████████")]
    [InlineData(0.525, "██████████▌")]
    [InlineData(1, "████████████████████")]
    [InlineData(double.NaN, "")]
    public void A_bar_is_as_long_as_its_share(double share, string bar) => Assert.Equal(bar, TopHistory.Bar(share));

    [Theory]
    [InlineData("top pods --since=1h", ExitCodes.Usage, "--since shows one at a time: specify which, such as 'orc top pods NAME --since=1h'.\n")]
    [InlineData("top pod b --step=1m", ExitCodes.Usage, "--step and --output are about the past: add --since, such as --since=1h.\n")]
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
