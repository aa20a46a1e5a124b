using Orchestrator.Tests.WithKubectl;

namespace Orchestrator.Tests.Conformance;

/// <summary>The lives of workloads, and of what their controllers keep.</summary>
[Collection(KubectlCollection.Name)]
public sealed class LifecycleSpec(KubectlCluster cluster)
{
    [Fact]
    [Conformance("ReplicationController should test the lifecycle of a ReplicationController")]
    public async Task A_replication_controller_is_created_patched_replaced_listed_and_deleted()
    {
        var space = await ApiSpace.CreateAsync(cluster);
        var path = space.Path("replicationcontrollers", "web");
        await space.PostAsync("replicationcontrollers", "web", $$"""{"replicas":1,"selector":{"app":"web"},"template":{{ApiSpace.Template}} }""", """{"life":"one"}""");
        await space.Kubectl.WaitForAsync("get rc web -o jsonpath={.status.readyReplicas}", t => t == "1");
        await space.PatchAsync(path, """{"metadata":{"labels":{"patched":"yes"}}}""");
        await space.PatchAsync(path + "/status", """{"status":{"conditions":[{"type":"Looked","status":"True"}]}}""");
        await space.PatchAsync(path + "/scale", """{"spec":{"replicas":2}}""");
        await space.Kubectl.WaitForAsync("get rc web -o jsonpath={.status.availableReplicas}", t => t == "2");
        await space.UpdateAsync(path, rc => rc["spec"]!["replicas"] = 3);
        await space.Kubectl.WaitForAsync("get rc -A -l life=one,patched=yes -o jsonpath={.items[*].status.readyReplicas}", t => t == "3");
        await space.DeleteAsync($"{space.Path("replicationcontrollers")}?labelSelector=life%3Done");
        await space.Kubectl.WaitForAsync("get rc,pods -o name", t => t.Length == 0);
    }

    [Fact]
    [Conformance("ReplicaSet Replace and Patch tests")]
    public async Task A_replica_set_is_replaced_and_patched()
    {
        var space = await ApiSpace.CreateAsync(cluster);
        var path = space.Path("replicasets", "web");
        await space.PostAsync("replicasets", "web", $$"""{"replicas":1,"selector":{{ApiSpace.Selector}},"template":{{ApiSpace.Template}} }""");
        await space.Kubectl.WaitForAsync("get rs web -o jsonpath={.status.readyReplicas}", t => t == "1");
        await space.UpdateAsync(path, rs => rs["spec"]!["replicas"] = 2);
        await space.Kubectl.WaitForAsync("get rs web -o jsonpath={.status.readyReplicas}", t => t == "2");
        await space.PatchAsync(path, """{"metadata":{"labels":{"patched":"yes"}},"spec":{"replicas":3,"template":{"spec":{"terminationGracePeriodSeconds":0}}}}""", "application/strategic-merge-patch+json");
        await space.Kubectl.WaitForAsync("get rs -l patched=yes -o jsonpath={.items[*].status.readyReplicas}", t => t == "3");
        Assert.Equal("0", await space.Kubectl.SucceedAsync("get rs web -o jsonpath={.spec.template.spec.terminationGracePeriodSeconds}"));
    }

    [Fact]
    [Conformance("ControllerRevision should manage the lifecycle of a ControllerRevision")]
    public async Task A_controller_revision_is_listed_patched_replaced_deleted_and_made_again()
    {
        var space = await ApiSpace.CreateAsync(cluster);
        await space.PostAsync("daemonsets", "agent", $$"""{"selector":{{ApiSpace.Selector}},"template":{{ApiSpace.Template}} }""");
        var name = await space.Kubectl.WaitForAsync("get controllerrevisions -l app=web -o jsonpath={.items[*].metadata.name}", t => t.Length > 0);
        var path = space.Path("controllerrevisions", name);
        var patched = await space.PatchAsync(path, """{"metadata":{"labels":{"patched":"yes"}}}""");
        Assert.Equal(("yes", 1), ((string?)patched["metadata"]!["labels"]!["patched"], (int)patched["revision"]!));
        var replaced = await space.UpdateAsync(path, r => r["metadata"]!["labels"]!["replaced"] = "yes");
        Assert.Equal("yes", (string?)replaced["metadata"]!["labels"]!["replaced"]);

        // One that is deleted is needed, so it is made again.
        var uid = (string)replaced["metadata"]!["uid"]!;
        await space.DeleteAsync(path);
        await space.Kubectl.WaitForAsync("get controllerrevisions -l app=web -o jsonpath={.items[*].metadata.uid}", t => t.Length > 0 && t != uid);

        await space.PatchAsync(space.Path("daemonsets", "agent"), """{"spec":{"template":{"metadata":{"labels":{"tier":"new"}}}}}""");
        await space.Kubectl.WaitForAsync("get controllerrevisions -o jsonpath={.items[*].revision}", t => t.Split(' ').Length == 2);
        await space.DeleteAsync(space.Path("daemonsets", "agent"));
        await space.Kubectl.WaitForAsync("get controllerrevisions -o name", t => t.Length == 0);
    }

    [Fact]
    [Conformance("StatefulSet Basic StatefulSet functionality Burst scaling should run to completion even with unhealthy pods")]
    public async Task A_parallel_stateful_set_scales_although_its_pods_are_not_well()
    {
        var space = await ApiSpace.CreateAsync(cluster);
        var nowhere = ApiSpace.Template.Replace("\"spec\":{", "\"spec\":{\"nodeSelector\":{\"is\":\"nowhere\"},", StringComparison.Ordinal);
        await space.PostAsync("statefulsets", "db", $$"""{"replicas":3,"serviceName":"db","podManagementPolicy":"Parallel","selector":{{ApiSpace.Selector}},"template":{{nowhere}} }""");
        await PodsAsync("db-0 db-1 db-2");
        await space.Kubectl.SucceedAsync("scale sts db --replicas=5");
        await PodsAsync("db-0 db-1 db-2 db-3 db-4");
        await space.Kubectl.SucceedAsync("scale sts db --replicas=1");
        await PodsAsync("db-0");
        await space.Kubectl.SucceedAsync("scale sts db --replicas=0");
        await PodsAsync("");

        Task<string> PodsAsync(string names) => space.Kubectl.WaitForAsync("get pods -o jsonpath={.items[*].metadata.name}", t => t == names);
    }
}
