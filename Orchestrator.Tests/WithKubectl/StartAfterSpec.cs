using Orchestrator.Tests.Kit;

namespace Orchestrator.Tests.WithKubectl;

[Collection(KubectlCollection.Name)]
public class StartAfterSpec(KubectlCluster cluster)
{
    public static TheoryData<string> Versions => Kubectl.Versions;

    [Theory, MemberData(nameof(Versions))]
    public async Task A_workload_starts_after_the_others_that_it_names(string version)
    {
        var kubectl = await cluster.SpaceAsync(version);
        await ApplyAsync(kubectl, "web", "deployment/api");
        await GatedAsync(kubectl, "web", "True=TargetNotFound");
        await ApplyAsync(kubectl, "api", "job/migrate");
        await GatedAsync(kubectl, "web", "True=WaitingForTargets");
        await GatedAsync(kubectl, "api", "True=TargetNotFound");
        var described = await kubectl.SucceedAsync("describe deployment web");
        Assert.Matches("StartGated +True +WaitingForTargets", described);
        Assert.Matches("Normal +WaitingForTargets .*start-gate +Waits for deployment/api before pods are created", described);
        Assert.DoesNotContain("pod/", await kubectl.SucceedAsync("get pods -o name"), StringComparison.Ordinal);

        await kubectl.SucceedAsync("create job migrate --image=orchestrator/sample:1 -- true");
        await GatedAsync(kubectl, "api", "True=WaitingForTargets");
        await kubectl.SucceedAsync("delete job migrate");
        await GatedAsync(kubectl, "api", "True=TargetNotFound");
        (await kubectl.FeedAsync("""
            apiVersion: batch/v1
            kind: Job
            metadata: {name: migrate}
            spec: {template: {spec: {restartPolicy: Never, containers: [{name: c, image: "orchestrator/sample:1", command: [sh, -c, exit 0]}]}}}
            """, "apply", "-f", "-")).Succeeded();
        await kubectl.SucceedAsync("rollout status deployment/web --timeout=60s");
        Assert.Equal("False=TargetsReady", await kubectl.SucceedAsync(Gate("web")));
        Assert.Contains("StartGateOpened", await kubectl.SucceedAsync("describe deployment web"), StringComparison.Ordinal);
    }

    [Theory, MemberData(nameof(Versions))]
    public async Task A_cycle_is_said_and_ends_when_one_of_them_waits_no_more(string version)
    {
        var kubectl = await cluster.SpaceAsync(version);
        await ApplyAsync(kubectl, "a", "deployment/b");
        await ApplyAsync(kubectl, "b", "deployment/a");
        await GatedAsync(kubectl, "a", "True=StartCycle");
        await GatedAsync(kubectl, "b", "True=StartCycle");
        Assert.Contains("Never starts: deployment/a starts after deployment/b starts after deployment/a.", await kubectl.SucceedAsync("describe deployment a"), StringComparison.Ordinal);
        await kubectl.SucceedAsync("annotate deployment b orchestrator.io/start-after-");
        await kubectl.SucceedAsync("rollout status deployment/a --timeout=60s");
        Assert.Contains("metadata.annotations[orchestrator.io/start-after]: Invalid value: \"db\": must be a kind and a name, such as statefulset/db",
            await kubectl.FailAsync("annotate deployment b orchestrator.io/start-after=db"), StringComparison.Ordinal);
    }

    private static string Gate(string name) => $"get deployment {name} -o jsonpath={{.status.conditions[?(@.type==\"StartGated\")].status}}={{.status.conditions[?(@.type==\"StartGated\")].reason}}";

    private static Task GatedAsync(Kubectl kubectl, string name, string expected) => kubectl.WaitForAsync(Gate(name), s => s == expected);

    private static async Task ApplyAsync(Kubectl kubectl, string name, string after)
    {
        var manifest = Manifests.Deployment(name, 1).Replace("spec:\n  replicas", $"  annotations: {{orchestrator.io/start-after: {after}}}\nspec:\n  replicas", StringComparison.Ordinal);
        (await kubectl.FeedAsync(manifest, "apply", "-f", "-")).Succeeded();
    }
}
