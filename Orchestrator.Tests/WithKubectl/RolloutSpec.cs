using Orchestrator.Tests.Conformance;
using Orchestrator.Tests.Kit;

namespace Orchestrator.Tests.WithKubectl;

[Collection(KubectlCollection.Name)]
public class RolloutSpec(KubectlCluster cluster)
{
    public static TheoryData<string> Versions => Kubectl.Versions;

    [Theory, MemberData(nameof(Versions))]
    [Conformance("Deployment RollingUpdateDeployment should delete old pods and create new ones")]
    public async Task A_new_image_is_a_revision_that_can_be_undone(string version)
    {
        var kubectl = await cluster.WebAsync(version);
        Assert.Equal("deployment.apps/web image updated\n", await kubectl.SucceedAsync("set image deployment/web main=orchestrator/sample:2"));
        Assert.EndsWith("deployment \"web\" successfully rolled out\n", await StatusAsync(kubectl), StringComparison.Ordinal);
        Assert.Equal(["deployment.apps/web ", "REVISION  CHANGE-CAUSE", "1         <none>", "2         <none>"],
            Columns.Lines(await kubectl.SucceedAsync("rollout history deployment/web")));

        var second = await kubectl.SucceedAsync("rollout history deployment/web --revision=2");
        Assert.StartsWith("deployment.apps/web with revision #2\nPod Template:\n", second, StringComparison.Ordinal);
        Assert.Contains("orchestrator/sample:2", second, StringComparison.Ordinal);

        Assert.Equal("deployment.apps/web rolled back\n", await kubectl.SucceedAsync("rollout undo deployment/web"));
        await StatusAsync(kubectl);
        Assert.Equal("orchestrator/sample:1", await ImageAsync(kubectl));
        Assert.Equal(["2", "3"], Columns.Rows(await kubectl.SucceedAsync("rollout history deployment/web"))[1..].Select(r => r[0]));

        Assert.Equal("deployment.apps/web rolled back\n", await kubectl.SucceedAsync("rollout undo deployment/web --to-revision=2"));
        await StatusAsync(kubectl);
        Assert.Equal("orchestrator/sample:2", await ImageAsync(kubectl));
        Assert.Contains("unable to find specified revision 77", await kubectl.FailAsync("rollout undo deployment/web --to-revision=77"), StringComparison.Ordinal);
    }

    [Theory, MemberData(nameof(Versions))]
    public async Task A_paused_rollout_waits_for_its_resumption(string version)
    {
        var kubectl = await cluster.WebAsync(version, 2);
        Assert.Equal("deployment.apps/web paused\n", await kubectl.SucceedAsync("rollout pause deployment/web"));
        await kubectl.SucceedAsync("set image deployment/web main=orchestrator/sample:2");
        await kubectl.SucceedAsync("set env deployment/web COLOUR=blue");
        await kubectl.WaitForAsync("get deployment web -o jsonpath={.metadata.generation}={.status.observedGeneration}", s => s.Split('=') is [var a, var b] && a == b);
        Assert.Single(Columns.Rows(await kubectl.SucceedAsync("get rs")));
        Assert.Contains("already paused", await kubectl.FailAsync("rollout pause deployment/web"), StringComparison.Ordinal);

        Assert.Equal("deployment.apps/web resumed\n", await kubectl.SucceedAsync("rollout resume deployment/web"));
        await StatusAsync(kubectl);
        Assert.Equal(2, Columns.Rows(await kubectl.SucceedAsync("get rs")).Length);
        Assert.Equal("blue", await kubectl.SucceedAsync("get pods -l app=web -o jsonpath={.items[0].spec.containers[0].env[0].value}"));
    }

    [Theory, MemberData(nameof(Versions))]
    public async Task A_restart_replaces_every_pod(string version)
    {
        var kubectl = await cluster.WebAsync(version, 2);
        var before = await NamesAsync(kubectl);
        Assert.Equal("deployment.apps/web restarted\n", await kubectl.SucceedAsync("rollout restart deployment/web"));
        await StatusAsync(kubectl);
        await kubectl.SucceedAsync($"wait --for=delete {string.Join(' ', before.Select(n => $"pod/{n}"))} --timeout=30s");
        var after = await NamesAsync(kubectl);
        Assert.Equal(2, after.Length);
        Assert.Empty(after.Intersect(before));
        Assert.Contains("kubectl.kubernetes.io/restartedAt", await kubectl.SucceedAsync("get deployment web -o jsonpath={.spec.template.metadata.annotations}"), StringComparison.Ordinal);
    }

    private static Task<string> StatusAsync(Kubectl kubectl) => kubectl.SucceedAsync("rollout status deployment/web --timeout=30s");

    private static Task<string> ImageAsync(Kubectl kubectl) => kubectl.SucceedAsync("get deployment web -o jsonpath={.spec.template.spec.containers[0].image}");

    private static async Task<string[]> NamesAsync(Kubectl kubectl) => (await kubectl.SucceedAsync("get pods -o jsonpath={.items[*].metadata.name}")).Split(' ');
}
