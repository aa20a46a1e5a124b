using System.Globalization;
using System.Text.Json.Nodes;
using Orchestrator.Tests.Kit;

namespace Orchestrator.Tests.WithKubectl;

/// <summary><c>kubectl top</c> and the group <c>metrics.k8s.io</c>, on pods whose annotations say what they use.</summary>
[Collection(MeteredCollection.Name)]
public sealed class TopSpec(MeteredCluster cluster)
{
    [Theory]
    [MemberData(nameof(Kubectl.Versions), MemberType = typeof(Kubectl))]
    public async Task Pods_are_shown_with_what_they_use(string version)
    {
        var kubectl = await PodsAsync(version);
        Assert.Equal("NAME CPU(cores) MEMORY(bytes)", Columns.Header(await kubectl.SucceedAsync("top pods")));
        Assert.Equal([["big", "500m", "20Mi"], ["small", "110m", "128Mi"]], Columns.Rows(await kubectl.SucceedAsync("top pods")));
        Assert.Equal([["big", "500m", "20Mi"]], Columns.Rows(await kubectl.SucceedAsync("top pod big")));
        Assert.Equal([["small", "110m", "128Mi"]], Columns.Rows(await kubectl.SucceedAsync("top pods -l app=small")));
        Assert.Equal([["big", "a", "250m", "10Mi"], ["big", "b", "250m", "10Mi"], ["small", "a", "10m", "64Mi"], ["small", "b", "100m", "64Mi"]],
            Columns.Rows(await kubectl.SucceedAsync("top pods --containers")));
        Assert.Equal(["big", "small"], Columns.Rows(await kubectl.SucceedAsync("top pods --sort-by=cpu")).Select(r => r[0]));
        Assert.Equal(["small", "big"], Columns.Rows(await kubectl.SucceedAsync("top pods --sort-by=memory")).Select(r => r[0]));
        Assert.Contains(Columns.Rows(await kubectl.SucceedAsync("top pods -A")), r => r is [var space, "big", "500m", "20Mi"] && space == kubectl.Space);
        Assert.Equal(["610m", "148Mi"], Columns.Cells(Columns.Lines(await kubectl.SucceedAsync("top pods --sum"))[^1]).TakeLast(2));
    }

    [Theory]
    [MemberData(nameof(Kubectl.Versions), MemberType = typeof(Kubectl))]
    public async Task Nodes_are_shown_with_what_they_use(string version)
    {
        var kubectl = await PodsAsync(version);
        var table = await kubectl.WaitForAsync("top nodes", t => Columns.Lines(t).Length == 4 && !t.Contains("<unknown>", StringComparison.Ordinal));
        Assert.StartsWith("NAME CPU(cores) CPU", Columns.Header(table), StringComparison.Ordinal);
        var rows = Columns.Rows(table);
        Assert.All(rows, r => Assert.StartsWith(cluster.Nodes, r[0], StringComparison.Ordinal));
        Assert.InRange(rows.Sum(r => int.Parse(r[1].TrimEnd('m'), CultureInfo.InvariantCulture)), 600, 32_000 * 3);
        Assert.Equal([rows[0]], Columns.Rows(await kubectl.SucceedAsync($"top node {rows[0][0]}")).Select(r => (string[])[r[0], .. rows[0][1..]]));
    }

    [Fact]
    public async Task The_group_is_found_and_its_objects_say_when_they_were_measured()
    {
        var kubectl = await PodsAsync(Kubectl.Newest);
        Assert.Equal("v1beta1", (string?)(await cluster.Node.AskAsync(HttpMethod.Get, "/apis/metrics.k8s.io"))["preferredVersion"]!["version"]);
        var resources = (await cluster.Node.AskAsync(HttpMethod.Get, "/apis/metrics.k8s.io/v1beta1"))["resources"]!.AsArray();
        Assert.Equal([("nodes", "NodeMetrics", false), ("pods", "PodMetrics", true)], resources.Select(r => ((string)r!["name"]!, (string)r["kind"]!, (bool)r["namespaced"]!)));
        Assert.All(resources, r => Assert.Equal(["get", "list"], r!["verbs"]!.AsArray().Select(v => (string)v!)));

        var pod = await cluster.Node.AskAsync(HttpMethod.Get, $"/apis/metrics.k8s.io/v1beta1/namespaces/{kubectl.Space}/pods/big");
        Assert.Equal(("PodMetrics", "metrics.k8s.io/v1beta1", "big"), ((string)pod["kind"]!, (string)pod["apiVersion"]!, (string)pod["metadata"]!["labels"]!["app"]!));
        Assert.InRange(DateTimeOffset.UtcNow - DateTimeOffset.Parse((string)pod["timestamp"]!, CultureInfo.InvariantCulture), TimeSpan.FromSeconds(-1), TimeSpan.FromSeconds(20));
        Assert.Matches(@"^[0-9]+(\.[0-9]+)?s$", (string)pod["window"]!);
        Assert.Equal(["a", "b"], pod["containers"]!.AsArray().Select(c => (string)c!["name"]!));
        Assert.Equal("10Mi", (string?)pod["containers"]![0]!["usage"]!["memory"]);

        var list = await cluster.Node.AskAsync(HttpMethod.Get, $"/apis/metrics.k8s.io/v1beta1/namespaces/{kubectl.Space}/pods?labelSelector=app%3Dsmall");
        Assert.Equal(("PodMetricsList", 1), ((string)list["kind"]!, list["items"]!.AsArray().Count));
        Assert.Equal([["big", "500m", "20Mi"]], Columns.Rows(await kubectl.SucceedAsync("get podmetrics big")).Select(r => r[..3]));
        Assert.Contains("Pod", (string?)(await kubectl.JsonAsync("get pods big"))["kind"], StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_was_used_can_be_read_for_a_chart()
    {
        var kubectl = await PodsAsync(Kubectl.Newest);
        var path = $"/apis/history.orchestrator.io/v1/metrics.k8s.io/pods/{kubectl.Space}/big";
        var chart = JsonNode.Parse(await kubectl.WaitForAsync($"get --raw {path}?from=1m&step=1s", t => t.Contains("0.5,0.5", StringComparison.Ordinal)))!;
        var (time, cpu, memory) = (chart["time"]!.AsArray(), chart["cpu"]!.AsArray(), chart["memory"]!.AsArray());
        Assert.Equal(("UsageHistory", 1, "big", 60, 60), ((string)chart["kind"]!, (int)chart["stepSeconds"]!, (string)chart["metadata"]!["name"]!, cpu.Count, memory.Count));
        Assert.Equal(Enumerable.Range(0, 60).Select(i => (long)time[0]! + i), time.Select(t => (long)t!));
        Assert.Equal(20 << 20, (int)memory.Last(m => m is not null)!);

        var refusal = await kubectl.FailAsync($"get --raw {path}?from=soon&step=0s");
        Assert.Contains("(BadRequest): from: Invalid value: \"soon\": use a time such as 2030-01-02T03:04:05Z, or how long ago it was, such as 1h; step: Invalid value", refusal, StringComparison.Ordinal);
        Assert.Contains("(NotFound)", await kubectl.FailAsync($"get --raw {path}-none"), StringComparison.Ordinal);
        Assert.Contains("\"units\"", await kubectl.WaitForAsync($"get --raw /apis/history.orchestrator.io/v1/metrics.k8s.io/nodes/-/{(await kubectl.SucceedAsync("get nodes -o jsonpath={.items[0].metadata.name}")).Trim()}", t => t.Length > 0), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_pod_without_samples_is_not_found()
    {
        var kubectl = await cluster.SpaceAsync(Kubectl.Newest);
        (await kubectl.FeedAsync("apiVersion: v1\nkind: Pod\nmetadata: {name: waits}\nspec: {schedulerName: nobody, containers: [{name: c, image: i}]}\n", "create", "-f", "-")).Succeeded();
        Assert.Contains($"(NotFound): podmetrics.metrics.k8s.io \"{kubectl.Space}/waits\" not found", await kubectl.FailAsync("top pod waits"), StringComparison.Ordinal);
        Assert.Contains("(NotFound): nodemetrics.metrics.k8s.io \"nowhere\" not found", await kubectl.FailAsync("get nodemetrics nowhere"), StringComparison.Ordinal);
        Assert.Contains("does not allow this method", await kubectl.FailAsync("delete podmetrics waits"), StringComparison.Ordinal);
    }

    // Two pods of two containers, measured.
    private async Task<Kubectl> PodsAsync(string version)
    {
        var kubectl = await cluster.SpaceAsync(version);
        await CreateAsync("big", new JsonObject { ["simulation.orchestrator.io/cpu"] = "250m", ["simulation.orchestrator.io/memory"] = "10Mi" });
        await CreateAsync("small", new JsonObject { ["simulation.orchestrator.io/cpu"] = "10m", ["cpu.simulation.orchestrator.io/b"] = "100m", ["simulation.orchestrator.io/memory"] = "64Mi" });
        await kubectl.WaitForAsync("top pods", t => t.Contains("500m", StringComparison.Ordinal) && t.Contains("110m", StringComparison.Ordinal));
        return kubectl;

        async Task CreateAsync(string name, JsonObject annotations) => await cluster.Node.AskAsync(HttpMethod.Post, $"/api/v1/namespaces/{kubectl.Space}/pods", new JsonObject
        {
            ["apiVersion"] = "v1",
            ["kind"] = "Pod",
            ["metadata"] = new JsonObject { ["name"] = name, ["labels"] = new JsonObject { ["app"] = name }, ["annotations"] = annotations },
            ["spec"] = new JsonObject
            {
                ["containers"] = new JsonArray(
                    new JsonObject { ["name"] = "a", ["image"] = "i" },
                    new JsonObject { ["name"] = "b", ["image"] = "i" }),
            },
        }.ToJsonString());
    }
}
