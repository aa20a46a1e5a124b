using Orchestrator.Tests.Conformance;
using Orchestrator.Tests.Kit;

namespace Orchestrator.Tests.WithKubectl;

[Collection(KubectlCollection.Name)]
public class DaemonSetSpec(KubectlCluster cluster)
{
    private static readonly string Sample = Path.Combine(Repository.Root, "samples", "daemonset.yaml");

    public static TheoryData<string> Versions => Kubectl.Versions;

    [Theory, MemberData(nameof(Versions))]
    [Conformance("Daemon set should run and stop simple daemon")]
    public async Task Every_node_gets_a_pod_and_a_lost_one_comes_back(string version)
    {
        var (kubectl, nodes) = await AgentAsync(version);
        var table = await kubectl.SucceedAsync("get ds");
        Assert.Equal("NAME DESIRED CURRENT READY UP-TO-DATE AVAILABLE NODE SELECTOR AGE", Columns.Header(table));
        var n = $"{nodes.Length}";
        Assert.Equal(["node-agent", n, n, n, n, n, "<none>"], Columns.Rows(table).Single()[..7]);
        Assert.Equal(nodes, (await NodesOfAsync(kubectl)).Order(StringComparer.Ordinal));

        var lost = Columns.Lines(await kubectl.SucceedAsync("get pods -o name"))[0];
        await kubectl.SucceedAsync($"delete {lost}");
        await kubectl.WaitForAsync("get ds node-agent -o jsonpath={.status.numberAvailable}", t => t == n);
        await kubectl.WaitForAsync("get pods -o name", t => Columns.Lines(t).Length == nodes.Length && !t.Contains(lost, StringComparison.Ordinal));
        var described = await kubectl.SucceedAsync("describe ds node-agent");
        Assert.Contains($"Desired Number of Nodes Scheduled: {n}", described, StringComparison.Ordinal);
        Assert.Matches(@"SuccessfulCreate\s+\S+\s+daemonset-controller\s+Created pod: node-agent-", described);
    }

    [Theory, MemberData(nameof(Versions))]
    [Conformance("Daemon set should retry creating failed daemon pods")]
    public async Task A_failed_pod_is_replaced(string version)
    {
        var (kubectl, nodes) = await AgentAsync(version);
        var failed = (await kubectl.SucceedAsync("get pods -o jsonpath={.items[*].metadata.name}")).Split(' ')[0];
        await cluster.Node.AskAsync(HttpMethod.Patch, $"/api/v1/namespaces/{kubectl.Space}/pods/{failed}/status", """{"status":{"phase":"Failed"}}""", "application/merge-patch+json");
        await kubectl.WaitForAsync("get pods -o name", t => Columns.Lines(t).Length == nodes.Length && !t.Contains(failed, StringComparison.Ordinal));
        await kubectl.SucceedAsync("rollout status ds/node-agent --timeout=30s");
        Assert.Contains("FailedDaemonPod", await kubectl.SucceedAsync("describe ds node-agent"), StringComparison.Ordinal);
    }

    [Theory, MemberData(nameof(Versions))]
    [Conformance("Daemon set should run and stop complex daemon")]
    public async Task Labels_of_nodes_and_the_node_selector_move_its_pods(string version)
    {
        var (kubectl, nodes) = await AgentAsync(version);
        await kubectl.SucceedAsync("patch ds node-agent -p {\"spec\":{\"template\":{\"spec\":{\"nodeSelector\":{\"colour\":\"blue\"}}}}}");
        await kubectl.WaitForAsync("get pods -o name", t => t.Length == 0);
        Assert.Equal("0", Columns.Rows(await kubectl.SucceedAsync("get ds"))[0][1]);
        await kubectl.SucceedAsync($"label node {nodes[0]} colour=blue");
        try
        {
            await kubectl.WaitForAsync("get ds node-agent -o jsonpath={.status.numberAvailable}", t => t == "1");
            Assert.Equal([nodes[0]], await NodesOfAsync(kubectl));
        }
        finally
        {
            await kubectl.SucceedAsync($"label node {nodes[0]} colour-");
        }

        await kubectl.WaitForAsync("get pods -o name", t => t.Length == 0);
    }

    [Theory, MemberData(nameof(Versions))]
    [Conformance("Daemon set should rollback without unnecessary restarts")]
    [Conformance("Daemon set should update pod when spec was updated and update strategy is RollingUpdate")]
    public async Task An_update_is_a_revision_that_can_be_undone_without_needless_restarts(string version)
    {
        var (kubectl, nodes) = await AgentAsync(version);
        Assert.Equal("daemonset.apps/node-agent image updated\n", await kubectl.SucceedAsync("set image ds/node-agent agent=orchestrator/sample:2"));
        Assert.EndsWith("daemon set \"node-agent\" successfully rolled out\n", await kubectl.SucceedAsync("rollout status ds/node-agent --timeout=30s"), StringComparison.Ordinal);
        Assert.Equal(["1         <none>", "2         <none>"], Columns.Lines(await kubectl.SucceedAsync("rollout history ds/node-agent"))[2..]);
        Assert.Contains("orchestrator/sample:2", await kubectl.SucceedAsync("rollout history ds/node-agent --revision=2"), StringComparison.Ordinal);
        var hashes = await kubectl.SucceedAsync("get pods -o jsonpath={.items[*].metadata.labels.controller-revision-hash}");
        Assert.Single(hashes.Split(' ').Distinct());

        Assert.Equal("daemonset.apps/node-agent rolled back\n", await kubectl.SucceedAsync("rollout undo ds/node-agent"));
        await kubectl.SucceedAsync("rollout status ds/node-agent --timeout=30s");
        Assert.Equal("busybox", await kubectl.SucceedAsync("get pods -o jsonpath={.items[0].spec.containers[0].image}"));
        Assert.Equal(["2         <none>", "3         <none>"], Columns.Lines(await kubectl.SucceedAsync("rollout history ds/node-agent"))[2..]);

        // A rollout that is stuck at its first node touches no other when it is undone.
        await kubectl.SucceedAsync("patch ds node-agent --type=json -p [{\"op\":\"replace\",\"path\":\"/spec/updateStrategy/rollingUpdate/maxUnavailable\",\"value\":1}]");
        var before = await UidsAsync(kubectl);
        (await kubectl.RunAsync("patch", "ds", "node-agent", "-p", """{"spec":{"template":{"spec":{"containers":[{"name":"agent","command":["sh","-c","exit 1"]}]}}}}""")).Succeeded();
        await kubectl.WaitForAsync("get ds node-agent -o jsonpath={.status.updatedNumberScheduled}", t => t == "1");
        await kubectl.SucceedAsync("rollout undo ds/node-agent");
        await kubectl.SucceedAsync("rollout status ds/node-agent --timeout=30s");
        Assert.Equal(nodes.Length - 1, before.Intersect(await UidsAsync(kubectl)).Count());
    }

    [Theory, MemberData(nameof(Versions))]
    public async Task It_is_deleted_with_its_pods_or_without(string version)
    {
        var (kubectl, nodes) = await AgentAsync(version);
        await kubectl.SucceedAsync("delete ds node-agent --cascade=orphan");
        await kubectl.WaitForAsync("get pods -o jsonpath={.items[*].metadata.ownerReferences}", t => t.Length == 0);
        var before = await UidsAsync(kubectl);
        Assert.Equal(nodes.Length, before.Length);

        // Another one adopts them, and their revision with its history.
        await kubectl.SucceedAsync($"create -f {Sample}");
        await kubectl.SucceedAsync("rollout status ds/node-agent --timeout=30s");
        Assert.Equal(before.Order(), (await UidsAsync(kubectl)).Order());
        Assert.Single(Columns.Rows(await kubectl.SucceedAsync("get controllerrevisions")));
        await kubectl.SucceedAsync("delete ds --all");
        await kubectl.WaitForAsync("get pods,controllerrevisions -o name", t => t.Length == 0);
    }

    private async Task<(Kubectl Kubectl, string[] Nodes)> AgentAsync(string version)
    {
        var kubectl = await cluster.SpaceAsync(version);
        Assert.Equal("daemonset.apps/node-agent created\n", await kubectl.SucceedAsync($"create -f {Sample}"));
        await kubectl.SucceedAsync("rollout status ds/node-agent --timeout=30s");
        var nodes = (await kubectl.SucceedAsync("get nodes -o jsonpath={.items[*].metadata.name}")).Split(' ');
        return (kubectl, [.. nodes.Order(StringComparer.Ordinal)]);
    }

    private static async Task<string[]> NodesOfAsync(Kubectl kubectl) => (await kubectl.SucceedAsync("get pods -o jsonpath={.items[*].spec.nodeName}")).Split(' ');

    private static async Task<string[]> UidsAsync(Kubectl kubectl) => (await kubectl.SucceedAsync("get pods -o jsonpath={.items[*].metadata.uid}")).Split(' ');
}
