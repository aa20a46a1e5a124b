using Orchestrator.Tests.Conformance;
using Orchestrator.Tests.Kit;

namespace Orchestrator.Tests.WithKubectl;

[Collection(KubectlCollection.Name)]
public class StatefulSetSpec(KubectlCluster cluster)
{
    private static readonly string Sample = Path.Combine(Repository.Root, "samples", "statefulset.yaml");

    public static TheoryData<string> Versions => Kubectl.Versions;

    [Theory, MemberData(nameof(Versions))]
    public async Task Its_pods_have_names_of_their_own_and_come_back_under_them(string version)
    {
        var kubectl = await MembersAsync(version);
        var table = await kubectl.SucceedAsync("get sts");
        Assert.Equal("NAME READY AGE", Columns.Header(table));
        Assert.Equal(["members", "3/3"], Columns.Rows(table).Single()[..2]);
        Assert.Equal("members-0 members-1 members-2", await kubectl.SucceedAsync("get pods -o jsonpath={.items[*].metadata.name}"));
        Assert.Equal("members-1 members members-1 1", await kubectl.SucceedAsync(
            "get pod members-1 -o jsonpath={.spec.hostname}{\"\\u0020\"}{.spec.subdomain}{\"\\u0020\"}{.metadata.labels.statefulset\\.kubernetes\\.io/pod-name}{\"\\u0020\"}{.metadata.labels.apps\\.kubernetes\\.io/pod-index}"));
        var started = (await kubectl.JsonAsync("get pods"))["items"]!.AsArray().Select(p => (DateTime)p!["metadata"]!["creationTimestamp"]!).ToList();
        Assert.Equal(started.Order(), started);

        await DeletePodAsync(kubectl, "members-1");
        await RolledAsync(kubectl);
        Assert.Matches(@"SuccessfulCreate\s+\S+( \(x2 over \S+\))?\s+statefulset-controller\s+create Pod members-1 in StatefulSet members successful", await kubectl.SucceedAsync("describe sts members"));
    }

    [Theory, MemberData(nameof(Versions))]
    [Conformance("StatefulSet Basic StatefulSet functionality Scaling should happen in predictable order and halt if any stateful pod is unhealthy")]
    public async Task It_scales_in_order_and_waits_for_a_pod_that_is_not_well(string version)
    {
        var kubectl = await MembersAsync(version);
        await kubectl.SucceedAsync("scale sts members --replicas=5");
        await RolledAsync(kubectl);
        Assert.Equal(5, await kubectl.SucceedAsync("get pods -o name") is var names ? Columns.Lines(names).Length : 0);

        // Number 0 finds no node any more: nobody leaves until it has one.
        var nodes = await kubectl.SucceedAsync("get nodes -o jsonpath={.items[*].metadata.name}");
        await kubectl.SucceedAsync($"cordon {nodes}");
        try
        {
            await DeletePodAsync(kubectl, "members-0");
            await kubectl.WaitForAsync("get sts members -o jsonpath={.status.readyReplicas}", t => t == "4");
            await kubectl.SucceedAsync("scale sts members --replicas=2");
            await kubectl.WaitForAsync("get sts members -o jsonpath={.metadata.generation}={.status.observedGeneration}", s => s.Split('=') is [var a, var b] && a == b);
            Assert.Equal(5, Columns.Lines(await kubectl.SucceedAsync("get pods -o name")).Length);
        }
        finally
        {
            await kubectl.SucceedAsync($"uncordon {nodes}");
        }

        await kubectl.WaitForAsync("get pods -o jsonpath={.items[*].metadata.name}", t => t == "members-0 members-1");
        Assert.Equal("2 2", await kubectl.SucceedAsync("get sts members -o jsonpath={.status.replicas}{\"\\u0020\"}{.spec.replicas}"));
    }

    [Theory, MemberData(nameof(Versions))]
    [Conformance("StatefulSet Basic StatefulSet functionality should perform canary updates and phased rolling updates of template modifications")]
    [Conformance("StatefulSet Basic StatefulSet functionality should perform rolling updates and roll backs of template modifications")]
    public async Task A_canary_is_rolled_out_in_phases_and_back(string version)
    {
        var kubectl = await MembersAsync(version);
        await PatchAsync(kubectl, """{"spec":{"updateStrategy":{"rollingUpdate":{"partition":2}}}}""");
        await kubectl.SucceedAsync("set image sts/members member=orchestrator/sample:2");
        await kubectl.WaitForAsync(Images, t => t == "busybox busybox orchestrator/sample:2");
        Assert.Contains("partitioned roll out complete: 1 new pods have been updated", await kubectl.SucceedAsync("rollout status sts/members --timeout=20s"), StringComparison.Ordinal);

        // A pod below the partition comes back with the template that it had.
        await DeletePodAsync(kubectl, "members-0");
        await kubectl.WaitForAsync("get sts members -o jsonpath={.status.readyReplicas}", t => t == "3");
        await kubectl.WaitForAsync(Images, t => t == "busybox busybox orchestrator/sample:2");

        await PatchAsync(kubectl, """{"spec":{"updateStrategy":{"rollingUpdate":{"partition":0}}}}""");
        await RolledAsync(kubectl);
        Assert.Equal("orchestrator/sample:2 orchestrator/sample:2 orchestrator/sample:2", await kubectl.SucceedAsync(Images));
        await kubectl.WaitForAsync("get sts members -o jsonpath={.status.currentRevision}={.status.updateRevision}", s => s.Split('=') is [var a, var b] && a == b);
        Assert.Equal(2, Columns.Rows(await kubectl.SucceedAsync("get controllerrevisions")).Length);

        await kubectl.SucceedAsync("rollout undo sts/members");
        await RolledAsync(kubectl);
        Assert.Equal("busybox busybox busybox", await kubectl.SucceedAsync(Images));
        Assert.Equal(["2         <none>", "3         <none>"], Columns.Lines(await kubectl.SucceedAsync("rollout history sts/members"))[2..]);
    }

    [Theory, MemberData(nameof(Versions))]
    public async Task A_rollout_that_is_stuck_at_a_broken_template_recovers_when_the_template_is_mended(string version)
    {
        var kubectl = await MembersAsync(version);
        await PatchAsync(kubectl, """{"spec":{"template":{"spec":{"containers":[{"name":"member","command":["sh","-c","exit 1"]}]}}}}""");
        await kubectl.WaitForAsync("get pod members-2 -o jsonpath={.status.containerStatuses[0].restartCount}", t => t is not ("" or "0"));
        var untouched = await UidAsync(kubectl, "members-0");
        await PatchAsync(kubectl, """{"spec":{"template":{"spec":{"containers":[{"name":"member","command":["sh","-c","sleep 100"]}]}}}}""");
        await RolledAsync(kubectl);
        Assert.NotEqual(untouched, await UidAsync(kubectl, "members-0"));
    }

    [Theory, MemberData(nameof(Versions))]
    [Conformance("StatefulSet Basic StatefulSet functionality Should recreate evicted statefulset")]
    public async Task A_failed_pod_is_made_again(string version)
    {
        var kubectl = await MembersAsync(version);
        var uid = await UidAsync(kubectl, "members-1");
        await cluster.Node.AskAsync(HttpMethod.Patch, $"/api/v1/namespaces/{kubectl.Space}/pods/members-1/status", """{"status":{"phase":"Failed"}}""", "application/merge-patch+json");
        await kubectl.WaitForAsync("get pod members-1 -o jsonpath={.metadata.uid}", t => t.Length > 0 && t != uid);
        await RolledAsync(kubectl);
        Assert.Contains("RecreatingFailedPod", await kubectl.SucceedAsync("describe sts members"), StringComparison.Ordinal);
    }

    [Theory, MemberData(nameof(Versions))]
    public async Task Each_pod_gets_its_claims_which_stay_or_go_as_the_policy_says(string version)
    {
        var kubectl = await cluster.SpaceAsync(version);
        foreach (var policy in (string[])["Retain", "Delete"])
        {
            var manifest = $$$"""
                {"apiVersion":"apps/v1","kind":"StatefulSet","metadata":{"name":"db"},"spec":{"serviceName":"db","replicas":2,"podManagementPolicy":"Parallel",
                 "selector":{"matchLabels":{"app":"db"}},"persistentVolumeClaimRetentionPolicy":{"whenScaled":"{{{policy}}}","whenDeleted":"{{{policy}}}"},
                 "volumeClaimTemplates":[{"metadata":{"name":"data"},"spec":{"accessModes":["ReadWriteOnce"],"resources":{"requests":{"storage":"1Gi"} } } }],
                 "template":{"metadata":{"labels":{"app":"db"}},"spec":{"terminationGracePeriodSeconds":0,"containers":[
                  {"name":"db","image":"busybox","volumeMounts":[{"name":"data","mountPath":"/data"}]}]} } } }
                """;
            (await kubectl.FeedAsync(manifest, "create", "-f", "-")).Succeeded();
            await kubectl.WaitForAsync("get pvc -o jsonpath={.items[*].metadata.name}", t => t == "data-db-0 data-db-1");
            Assert.Equal("data-db-1", await kubectl.WaitForAsync("get pod db-1 -o jsonpath={.spec.volumes[?(@.name==\"data\")].persistentVolumeClaim.claimName}", t => t.Length > 0));
            var owners = policy == "Delete" ? "StatefulSet StatefulSet" : "";
            await kubectl.WaitForAsync("get pvc -o jsonpath={.items[*].metadata.ownerReferences[*].kind}", t => t == owners);

            await kubectl.SucceedAsync("scale sts db --replicas=1");
            await kubectl.WaitForAsync("get pods -o name", t => Columns.Lines(t).Length == 1);
            await kubectl.WaitForAsync("get pvc -o jsonpath={.items[*].metadata.name}", t => t == (policy == "Delete" ? "data-db-0" : "data-db-0 data-db-1"));
            await kubectl.SucceedAsync("delete sts db");
            await kubectl.WaitForAsync("get pods -o name", t => t.Length == 0);
            await kubectl.WaitForAsync("get pvc -o jsonpath={.items[*].metadata.name}", t => t == (policy == "Delete" ? "" : "data-db-0 data-db-1"));
            await kubectl.SucceedAsync("delete pvc --all");
        }
    }

    private const string Images = "get pods -o jsonpath={.items[*].spec.containers[0].image}";

    private async Task<Kubectl> MembersAsync(string version)
    {
        var kubectl = await cluster.SpaceAsync(version);
        Assert.Contains("statefulset.apps/members created\n", await kubectl.SucceedAsync($"create -f {Sample}"), StringComparison.Ordinal);
        await RolledAsync(kubectl);
        return kubectl;
    }

    private static Task<string> RolledAsync(Kubectl kubectl) => kubectl.SucceedAsync("rollout status sts/members --timeout=20s");

    // Not with --wait: kubectl lists the pods after the old one has left and looks by name 100 ms later; it then waits for the new one to go.
    private static async Task DeletePodAsync(Kubectl kubectl, string pod)
    {
        var uid = await UidAsync(kubectl, pod);
        await kubectl.SucceedAsync($"delete pod {pod} --wait=false");
        await kubectl.WaitForAsync($"get pod {pod} --ignore-not-found -o jsonpath={{.metadata.uid}}", t => t.Length > 0 && t != uid);
    }

    private static async Task PatchAsync(Kubectl kubectl, string patch) => (await kubectl.RunAsync("patch", "sts", "members", "-p", patch)).Succeeded();

    private static Task<string> UidAsync(Kubectl kubectl, string pod) => kubectl.SucceedAsync($"get pod {pod} -o jsonpath={{.metadata.uid}}");
}
