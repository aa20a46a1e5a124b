using Orchestrator.Tests.Kit;

namespace Orchestrator.Tests.WithKubectl;

[Collection(KubectlCollection.Name)]
public class DeleteSpec(KubectlCluster cluster)
{
    public static TheoryData<string> Versions => Kubectl.Versions;

    [Theory, MemberData(nameof(Versions))]
    public async Task In_the_background_everything_owned_follows(string version)
    {
        var kubectl = await cluster.WebAsync(version, 2);
        Assert.Matches("^deployment.apps \"web\" deleted", await kubectl.SucceedAsync("delete deployment web"));
        await kubectl.WaitForAsync("get all -o name", t => t.Length == 0);
    }

    [Theory, MemberData(nameof(Versions))]
    public async Task In_the_foreground_the_owner_goes_last(string version)
    {
        var kubectl = await cluster.WebAsync(version, 2);
        await kubectl.SucceedAsync("delete deployment web --cascade=foreground --timeout=30s");
        Assert.Equal("", await kubectl.SucceedAsync("get deployments,rs,pods -o name"));
    }

    [Theory, MemberData(nameof(Versions))]
    public async Task Orphans_live_on_and_are_adopted_again(string version)
    {
        var kubectl = await cluster.WebAsync(version, 2);
        var pods = await kubectl.SucceedAsync("get pods -o name");
        await kubectl.SucceedAsync("delete deployment web --cascade=orphan");
        await kubectl.WaitForAsync("get rs -o jsonpath={.items[0].metadata.ownerReferences}", t => t.Length == 0);
        Assert.Equal(pods, await kubectl.SucceedAsync("get pods -o name"));
        await cluster.Node.AskAsync(HttpMethod.Post, $"/apis/apps/v1/namespaces/{kubectl.Space}/deployments", Manifests.DeploymentJson("web", 2));
        await kubectl.SucceedAsync("rollout status deployment/web --timeout=30s");
        Assert.Equal(pods, await kubectl.SucceedAsync("get pods -o name"));
        Assert.Equal("Deployment/web", await kubectl.SucceedAsync("get rs -o jsonpath={.items[0].metadata.ownerReferences[0].kind}/{.items[0].metadata.ownerReferences[0].name}"));
    }

    [Theory, MemberData(nameof(Versions))]
    public async Task By_force_a_pod_is_gone_at_once(string version)
    {
        var kubectl = await cluster.PodAsync(version, "lonely", "sleep 3600");
        var result = await kubectl.RunAsync("delete", "pod", "lonely", "--grace-period=0", "--force", "--timeout=20s");
        Assert.Matches("^pod \"lonely\" force deleted", result.Succeeded());
        Assert.Contains("Immediate deletion does not wait", result.Error, StringComparison.Ordinal);
        Assert.Equal("", await kubectl.SucceedAsync("get pods -o name"));
    }

    [Theory, MemberData(nameof(Versions))]
    public async Task By_selector_and_all_of_a_kind(string version)
    {
        var kubectl = await cluster.SpaceAsync(version);
        foreach (var name in (string[])["a1", "a2", "b1"])
        {
            await cluster.Node.AskAsync(HttpMethod.Post, $"/api/v1/namespaces/{kubectl.Space}/configmaps",
                $$$"""{"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"{{{name}}}","labels":{"group":"{{{name[0]}}}"} } }""");
        }

        await kubectl.SucceedAsync("delete configmaps -l group=a");
        Assert.Equal("configmap/b1\n", await kubectl.SucceedAsync("get configmaps -l group -o name"));
        Assert.Matches("^configmap \"b1\" deleted", await kubectl.SucceedAsync("delete configmaps --all"));
        Assert.Equal("", await kubectl.SucceedAsync("get configmaps -l group -o name"));
        Assert.Contains("configmaps \"b1\" not found", await kubectl.FailAsync("delete configmap b1"), StringComparison.Ordinal);
    }

    [Theory, MemberData(nameof(Versions))]
    public async Task A_deleted_pod_of_a_set_is_replaced(string version)
    {
        var kubectl = await cluster.WebAsync(version, 1);
        var pod = (await kubectl.SucceedAsync("get pods -o name")).Trim();
        await kubectl.SucceedAsync($"delete {pod} --timeout=30s");
        await kubectl.WaitForAsync("get pods", t => Columns.Rows(t) is [[_, "1/1", "Running", ..]]);
        Assert.NotEqual(pod, (await kubectl.SucceedAsync("get pods -o name")).Trim());
    }

    [Theory, MemberData(nameof(Versions))]
    public async Task A_namespace_takes_what_is_in_it(string version)
    {
        var kubectl = await cluster.WebAsync(version, 2);
        await kubectl.SucceedAsync($"delete ns {kubectl.Space} --timeout=30s");
        Assert.Equal("", await kubectl.SucceedAsync($"get ns {kubectl.Space} --ignore-not-found"));
        Assert.Equal("", await kubectl.SucceedAsync("get deployments,rs,pods -o name"));
    }
}
