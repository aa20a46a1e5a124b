using Orchestrator.Tests.Kit;

namespace Orchestrator.Tests.WithKubectl;

[Collection(KubectlCollection.Name)]
public class AutoRollbackSpec(KubectlCluster cluster)
{
    private const string Reasons = "get deployment web -o jsonpath={.status.conditions[?(@.type==\"RolledBack\")].status}={.status.conditions[?(@.type==\"RolledBack\")].reason}";

    public static TheoryData<string> Versions => Kubectl.Versions;

    [Theory, MemberData(nameof(Versions))]
    public async Task A_revision_that_does_not_get_ready_is_rolled_back(string version)
    {
        var kubectl = await SafeWebAsync(await cluster.SpaceAsync(version));
        await kubectl.SucceedAsync("set resources deployment/web --requests=cpu=999");
        Assert.Contains("exceeded its progress deadline", await kubectl.FailAsync("rollout status deployment/web --timeout=30s"), StringComparison.Ordinal);
        await kubectl.WaitForAsync(Reasons, s => s == "True=ProgressDeadlineExceeded");
        await kubectl.SucceedAsync("rollout status deployment/web --timeout=30s");
        Assert.Equal(["2", "3"], Columns.Rows(await kubectl.SucceedAsync("rollout history deployment/web"))[1..].Select(r => r[0]));

        var described = await kubectl.SucceedAsync("describe deployment web");
        Assert.Matches("RolledBack +True +ProgressDeadlineExceeded", described);
        Assert.Matches("Warning +DeploymentRollback .*Revision 2 .*rolled back to revision 1 ", described);

        await kubectl.SucceedAsync("set image deployment/web main=orchestrator/sample:2");
        await kubectl.SucceedAsync("rollout status deployment/web --timeout=30s");
        Assert.Equal("=", await kubectl.SucceedAsync(Reasons));
    }

    [Theory, MemberData(nameof(Versions))]
    public async Task Only_true_and_false_are_understood(string version)
    {
        var kubectl = await cluster.WebAsync(version, 1);
        Assert.Contains("metadata.annotations[orchestrator.io/auto-rollback]: Unsupported value: \"yes\": supported values: \"true\", \"false\"",
            await kubectl.FailAsync("annotate deployment web orchestrator.io/auto-rollback=yes"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_rollback_outlives_the_host_that_was_to_do_it()
    {
        await using var node = await NodeProcess.StartAsync();
        var kubectl = await SafeWebAsync(node.Kubectl(Kubectl.Newest));
        await kubectl.SucceedAsync("set resources deployment/web --requests=cpu=999");
        await kubectl.WaitForAsync("get deployment web -o jsonpath={.status.updatedReplicas}", s => s == "1");
        await node.KillAsync();
        await node.RestartAsync();
        await kubectl.WaitForAsync(Reasons, s => s == "True=ProgressDeadlineExceeded");
        await kubectl.SucceedAsync("rollout status deployment/web --timeout=30s");
        Assert.Single(Columns.Rows(await kubectl.SucceedAsync("get events --field-selector=reason=DeploymentRollback")));
    }

    private static async Task<Kubectl> SafeWebAsync(Kubectl kubectl)
    {
        var manifest = Manifests.Deployment("web", 2).Replace("spec:\n  replicas", "  annotations: {orchestrator.io/auto-rollback: \"true\"}\nspec:\n  progressDeadlineSeconds: 3\n  replicas", StringComparison.Ordinal);
        (await kubectl.FeedAsync(manifest, "apply", "-f", "-")).Succeeded();
        await kubectl.SucceedAsync("rollout status deployment/web --timeout=30s");
        return kubectl;
    }
}
