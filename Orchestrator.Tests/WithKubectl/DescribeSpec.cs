using Orchestrator.Tests.Kit;

namespace Orchestrator.Tests.WithKubectl;

[Collection(KubectlCollection.Name)]
public class DescribeSpec(KubectlCluster cluster)
{
    public static TheoryData<string> Versions => Kubectl.Versions;

    [Theory, MemberData(nameof(Versions))]
    public async Task A_pod_is_told_with_its_container_and_its_events(string version)
    {
        var kubectl = await cluster.WebAsync(version, 1);
        var text = await kubectl.SucceedAsync("describe pod -l app=web");
        Says(text, "Name: web-", $"Namespace: {kubectl.Space}", $"Node: {cluster.Nodes}", "Labels: app=web", "Status: Running", "Controlled By: ReplicaSet/web-",
            "Image: orchestrator/sample:1", "State: Running", "Ready: True", "Restart Count: 0", "QoS Class: BestEffort",
            "PodScheduled True", "ContainersReady True", "Initialized True");
        await kubectl.WaitForAsync("describe pod -l app=web", t => t.Contains("Started container main", StringComparison.Ordinal));
        Says(await kubectl.SucceedAsync("describe pod -l app=web"), "Normal Scheduled", "Successfully assigned", "Normal Pulled", "Normal Created", "Normal Started");
    }

    [Theory, MemberData(nameof(Versions))]
    public async Task A_deployment_and_its_set_are_told_with_their_scaling(string version)
    {
        var kubectl = await cluster.WebAsync(version, 2);
        await kubectl.WaitForAsync("describe deployment web", t => t.Contains("ScalingReplicaSet", StringComparison.Ordinal));
        Says(await kubectl.SucceedAsync("describe deployment web"),
            "Name: web", "Selector: app=web", "Replicas: 2 desired | 2 updated | 2 total | 2 available | 0 unavailable", "StrategyType: RollingUpdate",
            "RollingUpdateStrategy: 25% max unavailable, 25% max surge", "Available True MinimumReplicasAvailable", "Progressing True NewReplicaSetAvailable",
            "OldReplicaSets: <none>", "(2/2 replicas created)", "Normal ScalingReplicaSet", "deployment-controller");
        Says(await kubectl.SucceedAsync("describe rs"),
            "Name: web-", "Selector: app=web,pod-template-hash=", "Controlled By: Deployment/web", "Replicas: 2 current / 2 desired",
            "Pods Status: 2 Running / 0 Waiting / 0 Succeeded / 0 Failed", "Normal SuccessfulCreate");
    }

    [Theory, MemberData(nameof(Versions))]
    public async Task A_node_is_told_with_what_runs_on_it(string version)
    {
        var kubectl = await cluster.WebAsync(version, 1);
        var node = await kubectl.SucceedAsync("get pods -o jsonpath={.items[0].spec.nodeName}");
        Says(await kubectl.SucceedAsync($"describe node {node}"),
            $"Name: {node}", "Taints: <none>", "Unschedulable: false", "Ready True", "Capacity:", "Allocatable:", "System Info:", "Non-terminated Pods:",
            $"{kubectl.Space} web-", "Allocated resources:");
    }

    [Theory, MemberData(nameof(Versions))]
    public async Task A_namespace_is_told(string version)
    {
        var kubectl = await cluster.SpaceAsync(version);
        Says(await kubectl.SucceedAsync($"describe ns {kubectl.Space}"), $"Name: {kubectl.Space}", "Status: Active");
    }

    /// <summary>The text has all of these, blanks between words aside.</summary>
    private static void Says(string text, params string[] parts)
    {
        var words = string.Join(' ', text.Split((char[])[' ', '\t', '\n'], StringSplitOptions.RemoveEmptyEntries));
        Assert.All(parts, part => Assert.Contains(part, words, StringComparison.Ordinal));
    }
}
