using Orchestrator.Tests.Conformance;
using Orchestrator.Tests.Kit;

namespace Orchestrator.Tests.WithKubectl;

[Collection(KubectlCollection.Name)]
public class LimitRangeSpec(KubectlCluster cluster)
{
    public static TheoryData<string> Versions => Kubectl.Versions;

    [Theory, MemberData(nameof(Versions))]
    [Conformance("LimitRange should create a LimitRange with defaults and ensure pod has those defaults applied.")]
    public async Task Pods_get_the_defaults_and_keep_within_the_range(string version)
    {
        var kubectl = await cluster.SpaceAsync(version);
        await CreateAsync(kubectl, "bounds",
            """{"type":"Container","min":{"cpu":"50m"},"max":{"cpu":"500m"},"default":{"cpu":"200m"},"defaultRequest":{"cpu":"100m"},"maxLimitRequestRatio":{"cpu":"4"}}""");
        Assert.Matches(@"Container\s+cpu\s+50m\s+500m\s+100m\s+200m\s+4\s", await kubectl.SucceedAsync("describe limits bounds"));
        Assert.Equal("NAME CREATED AT", Columns.Header(await kubectl.SucceedAsync("get limits")));

        await PodAsync(kubectl, "plain", "{}");
        Assert.Equal("100m 200m", await ResourcesAsync(kubectl, "pod plain"));
        Assert.Matches("Annotations: +kubernetes.io/limit-ranger: LimitRanger plugin set: cpu request for container c; cpu limit for container c",
            await kubectl.SucceedAsync("describe pod plain"));
        await PodAsync(kubectl, "partial", """{"requests":{"cpu":"150m"}}""");
        Assert.Equal("150m 200m", await ResourcesAsync(kubectl, "pod partial"));

        await RefusedAsync(kubectl, """{"requests":{"cpu":"10m"},"limits":{"cpu":"20m"}}""", "minimum cpu usage per Container is 50m, but request is 10m");
        await RefusedAsync(kubectl, """{"requests":{"cpu":"500m"},"limits":{"cpu":"600m"}}""", "maximum cpu usage per Container is 500m, but limit is 600m");
        await RefusedAsync(kubectl, """{"requests":{"cpu":"60m"},"limits":{"cpu":"480m"}}""", "cpu max limit to request ratio per Container is 4, but provided ratio is 8.000000");

        (await kubectl.RunAsync("patch", "limits", "bounds", "--type=json", "-p", """[{"op":"replace","path":"/spec/limits/0/min/cpu","value":"5m"}]""")).Succeeded();
        await PodAsync(kubectl, "small", """{"requests":{"cpu":"10m"},"limits":{"cpu":"20m"}}""");
        await kubectl.SucceedAsync("delete limits bounds");
        await PodAsync(kubectl, "large", """{"limits":{"cpu":"600m"}}""");
        Assert.Equal("600m 600m", await ResourcesAsync(kubectl, "pod large"));
    }

    [Fact]
    public async Task Pods_of_a_workload_get_the_defaults_and_one_that_is_refused_is_told()
    {
        var kubectl = await cluster.SpaceAsync(Kubectl.Newest);
        await CreateAsync(kubectl, "bounds", """{"type":"Container","default":{"memory":"64Mi"},"min":{"cpu":"100m"}}""");
        await kubectl.SucceedAsync("create deployment web --image=orchestrator/sample:1");
        await kubectl.SucceedAsync("rollout status deployment web --timeout=30s");
        Assert.Equal("100m 64Mi 64Mi", await kubectl.SucceedAsync(
            "get pods -o jsonpath={range.items[*].spec.containers[0].resources}{.requests.cpu}{\"\\u0020\"}{.requests.memory}{\"\\u0020\"}{.limits.memory}{end}"));

        await kubectl.SucceedAsync("set resources deployment web --requests=cpu=1m");
        await kubectl.WaitForAsync("get rs -o jsonpath={.items[*].status.conditions[*].message}", t => t.Contains("minimum cpu usage per Container is 100m, but request is 1m",
            StringComparison.Ordinal));
        await kubectl.WaitForAsync("get events --field-selector reason=FailedCreate", t =>
            t.Contains("is forbidden: minimum cpu usage per Container is 100m, but request is 1m", StringComparison.Ordinal));
    }

    [Fact]
    [Conformance("LimitRange should list, patch and delete a LimitRange by collection")]
    public async Task Ranges_are_listed_in_all_namespaces_patched_and_deleted_together()
    {
        var (here, there) = (await cluster.SpaceAsync(Kubectl.Newest), await cluster.SpaceAsync(Kubectl.Newest));
        foreach (var kubectl in (Kubectl[])[here, there])
        {
            await CreateAsync(kubectl, "bounds", """{"type":"Container","max":{"cpu":"1"}}""");
            await kubectl.SucceedAsync($"label limits bounds of={here.Space}");
        }

        Assert.Equal($"{here.Space} {there.Space}", await here.SucceedAsync($"get limits -A -l of={here.Space} -o jsonpath={{.items[*].metadata.namespace}}"));
        (await here.RunAsync("patch", "limits", "bounds", "--type=merge", "-p",
            """{"metadata":{"labels":{"patched":"yes"}},"spec":{"limits":[{"type":"Container","max":{"cpu":"2"},"default":{"cpu":"1"}}]}}""")).Succeeded();
        Assert.Equal("2 1", await here.SucceedAsync("get limits -l patched=yes -o jsonpath={.items[0].spec.limits[0].max.cpu}{\"\\u0020\"}{.items[0].spec.limits[0].default.cpu}"));
        await here.SucceedAsync($"delete limits -l of={here.Space},patched=yes");
        Assert.Equal(there.Space, await here.SucceedAsync($"get limits -A -l of={here.Space} -o jsonpath={{.items[*].metadata.namespace}}"));
        await there.SucceedAsync("delete limits --all");
    }

    private static async Task CreateAsync(Kubectl kubectl, string name, string item) =>
        (await kubectl.FeedAsync($$$"""{"apiVersion":"v1","kind":"LimitRange","metadata":{"name":"{{{name}}}"},"spec":{"limits":[{{{item}}}]} }""", "create", "-f",
            "-")).Succeeded();

    private static async Task PodAsync(Kubectl kubectl, string name, string resources) => (await CreatePodAsync(kubectl, name, resources)).Succeeded();

    private static async Task RefusedAsync(Kubectl kubectl, string resources, string why)
    {
        var refused = await CreatePodAsync(kubectl, "refused", resources);
        Assert.Contains($"pods \"refused\" is forbidden: {why}", refused.Error, StringComparison.Ordinal);
        Assert.StartsWith("Error from server (Forbidden)", refused.Error, StringComparison.Ordinal);
    }

    private static Task<CommandResult> CreatePodAsync(Kubectl kubectl, string name, string resources) => kubectl.FeedAsync(
        $$$"""
        {"apiVersion":"v1","kind":"Pod","metadata":{"name":"{{{name}}}"},"spec":{"containers":[{"name":"c","image":"orchestrator/sample:1","resources":{{{resources}}} }]} }
        """, "create", "-f", "-");

    private static Task<string> ResourcesAsync(Kubectl kubectl, string what) =>
        kubectl.SucceedAsync($"get {what} -o jsonpath={{.spec.containers[0].resources.requests.cpu}}{{\"\\u0020\"}}{{.spec.containers[0].resources.limits.cpu}}");
}
