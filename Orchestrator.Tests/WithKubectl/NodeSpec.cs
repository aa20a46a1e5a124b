using Orchestrator.Tests.Kit;

namespace Orchestrator.Tests.WithKubectl;

[Collection(KubectlCollection.Name)]
public class NodeSpec(KubectlCluster cluster)
{
    public static TheoryData<string> Versions => Kubectl.Versions;

    [Theory, MemberData(nameof(Versions))]
    public async Task A_cordoned_node_takes_no_new_pods(string version)
    {
        var kubectl = await cluster.SpaceAsync(version);
        var nodes = (await kubectl.SucceedAsync("get nodes -o jsonpath={.items[*].metadata.name}")).Split(' ');
        Assert.Equal($"node/{nodes[0]} cordoned\n", await kubectl.SucceedAsync($"cordon {nodes[0]}"));
        Assert.Equal($"node/{nodes[0]} already cordoned\n", await kubectl.SucceedAsync($"cordon {nodes[0]}"));
        Assert.Equal("Ready,SchedulingDisabled", Columns.Rows(await kubectl.SucceedAsync($"get node {nodes[0]}")).Single()[1]);
        await cluster.Node.AskAsync(HttpMethod.Post, $"/apis/apps/v1/namespaces/{kubectl.Space}/deployments", Manifests.DeploymentJson("web", 4));
        await kubectl.SucceedAsync("rollout status deployment/web --timeout=30s");
        Assert.DoesNotContain(nodes[0], (await kubectl.SucceedAsync("get pods -o jsonpath={.items[*].spec.nodeName}")).Split(' '));
        Assert.Equal($"node/{nodes[0]} uncordoned\n", await kubectl.SucceedAsync($"uncordon {nodes[0]}"));
        Assert.Equal("Ready", Columns.Rows(await kubectl.SucceedAsync($"get node {nodes[0]}")).Single()[1]);
    }

    [Fact]
    public async Task The_roles_of_a_node_are_its_labels_of_roles()
    {
        var kubectl = await cluster.SpaceAsync(Kubectl.Newest);
        var node = (await kubectl.SucceedAsync("get nodes -o jsonpath={.items[0].metadata.name}")).Trim();
        Assert.Equal("<none>", Columns.Rows(await kubectl.SucceedAsync($"get node {node}")).Single()[2]);
        await kubectl.SucceedAsync($"label node {node} node-role.kubernetes.io/worker= node-role.kubernetes.io/edge=");
        Assert.Equal("edge,worker", Columns.Rows(await kubectl.SucceedAsync($"get node {node}")).Single()[2]);
        await kubectl.SucceedAsync($"label node {node} node-role.kubernetes.io/worker- node-role.kubernetes.io/edge-");
    }

    [Theory, MemberData(nameof(Versions))]
    public async Task A_drained_node_is_empty_and_its_pods_run_elsewhere(string version)
    {
        var kubectl = await cluster.WebAsync(version, 3);
        var node = await kubectl.SucceedAsync("get pods -o jsonpath={.items[0].spec.nodeName}");
        var text = await kubectl.SucceedAsync($"drain {node} --force --ignore-daemonsets --timeout=40s");
        Assert.Contains($"node/{node} cordoned\n", text, StringComparison.Ordinal);
        Assert.EndsWith($"node/{node} drained\n", text, StringComparison.Ordinal);
        await kubectl.SucceedAsync("rollout status deployment/web --timeout=30s");
        Assert.Equal("", await kubectl.SucceedAsync($"get pods -A --field-selector=spec.nodeName={node} -o name"));
        await kubectl.SucceedAsync($"uncordon {node}");
    }

    [Theory, MemberData(nameof(Versions))]
    public async Task A_taint_keeps_pods_away_until_it_goes(string version)
    {
        var kubectl = await cluster.SpaceAsync(version);
        var nodes = (await kubectl.SucceedAsync("get nodes -o jsonpath={.items[*].metadata.name}")).Split(' ');
        await kubectl.SucceedAsync("taint nodes --all reserved=yes:NoSchedule");
        await cluster.Node.AskAsync(HttpMethod.Post, $"/api/v1/namespaces/{kubectl.Space}/pods", Manifests.PodJson("waits", "sleep 3600"));
        await kubectl.SucceedAsync("wait pod/waits --for=condition=PodScheduled=false --timeout=30s");
        await kubectl.WaitForAsync("describe pod waits", t => t.Contains($"0/{nodes.Length} nodes are available: {nodes.Length} node(s) had untolerated taint", StringComparison.Ordinal));
        Assert.Equal(["waits", "0/1", "Pending", "0"], Columns.Rows(await kubectl.SucceedAsync("get pods")).Single()[..4]);
        Assert.Equal($"node/{nodes[0]} untainted\n", await kubectl.SucceedAsync($"taint node {nodes[0]} reserved-"));
        await kubectl.SucceedAsync("wait pod/waits --for=condition=Ready --timeout=30s");
        Assert.Equal(nodes[0], await kubectl.SucceedAsync("get pod waits -o jsonpath={.spec.nodeName}"));
        await kubectl.SucceedAsync($"taint nodes {string.Join(' ', nodes[1..])} reserved-");
    }
}
