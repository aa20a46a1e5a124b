using CsCheck;
using k8s.Models;
using Orchestrator.Actors.Workloads;
using Orchestrator.Actors.Scheduling;

namespace Orchestrator.Tests.Scheduling;

public sealed class SchedulingPipelineSpec
{
    private static V1Node Node(string name, string cpu = "4", string memory = "8Gi", V1Taint? taint = null) => new()
    {
        Metadata = new() { Name = name, Labels = new Dictionary<string, string> { ["host"] = name } },
        Spec = new() { Taints = taint is null ? null : [taint] },
        Status = new()
        {
            Allocatable = new Dictionary<string, ResourceQuantity>
            {
                ["cpu"] = new(cpu), ["memory"] = new(memory), ["pods"] = new("110"),
            },
        },
    };

    private static V1Pod Pod(string name, string cpu, int? port = null) => new()
    {
        Metadata = new() { Name = name, NamespaceProperty = "default", Uid = name },
        Spec = new()
        {
            Containers =
            [
                new V1Container
                {
                    Name = "c",
                    Ports = port is { } p ? [new V1ContainerPort { ContainerPort = p, HostPort = p }] : null,
                    Resources = new() { Requests = new Dictionary<string, ResourceQuantity> { ["cpu"] = new(cpu) } },
                },
            ],
        },
    };

    private static ClusterSnapshot Cluster(params V1Node[] nodes) => nodes.Aggregate(ClusterSnapshot.Empty, (c, n) => c.With(n));

    [Fact]
    public void An_unschedulable_pod_counts_reasons_as_Kubernetes_does()
    {
        var cluster = Cluster(Node("a", taint: new() { Key = "a", Value = "b", Effect = "NoSchedule" }), Node("b", "1"), Node("c", "1"));
        var unschedulable = Assert.Single(Schedule(cluster, [Pod("p", "2")]).Unschedulable);
        Assert.Equal("0/3 nodes are available: 1 node(s) had untolerated taint {a: b}, 2 Insufficient cpu.", unschedulable.Why.Message);
        Assert.Equal((3, 2), (unschedulable.Why.Nodes, unschedulable.Why.ByFilter["NodeResourcesFit"]));
        Assert.Equal(["a", "b", "c"], unschedulable.Why.ByNode.Select(n => n.Key));
        Assert.Equal("Insufficient cpu", unschedulable.Why.ByNode[1].Value);
    }

    [Fact]
    public void Without_nodes_says_so() => Assert.Equal(
        "no nodes available to schedule pods",
        Schedule(ClusterSnapshot.Empty, [Pod("p", "1")]).Unschedulable[0].Why.Message);

    [Fact]
    public void A_host_port_is_taken_once_a_node_and_ties_go_by_name()
    {
        var result = Schedule(Cluster(Node("b"), Node("a")), [Pod("1", "1", 80), Pod("2", "1", 80), Pod("3", "1", 80)]);
        Assert.Equal(["a", "b"], result.Placements.Select(p => p.Node));
        Assert.Equal("0/2 nodes are available: 2 node(s) didn't have free ports for the requested pod ports.", result.Unschedulable[0].Why.Message);
    }

    [Theory]
    [InlineData("In", "5", "5", true)]
    [InlineData("In", "5", null, false)]
    [InlineData("NotIn", "5", null, true)]
    [InlineData("NotIn", "5", "5", false)]
    [InlineData("Exists", null, "5", true)]
    [InlineData("DoesNotExist", null, "5", false)]
    [InlineData("Gt", "5", "10", true)]
    [InlineData("Lt", "5", "10", false)]
    [InlineData("Gt", "5", "x", false)]
    public void A_requirement_matches(string operation, string? bound, string? value, bool expected) => Assert.Equal(
        expected,
        NodeRequirements.Matches(new() { Key = "k", OperatorProperty = operation, Values = bound is null ? null : [bound] }, value));

    [Fact]
    public void Init_containers_count_by_their_maximum()
    {
        var pod = Pod("p", "500m");
        pod.Spec.InitContainers = [Pod("i", "2").Spec.Containers[0], Pod("j", "1").Spec.Containers[0]];
        Assert.Equal(new ResourceVector(2000, 0, 1, 0), PodInfo.From(pod).Requests);
    }

    [Fact]
    public void A_pod_taken_away_leaves_nothing()
    {
        var cluster = Cluster(Node("a"));
        var node = cluster.WithPod("a", PodInfo.From(Pod("p", "1", 80))).WithoutPod("a", "p").Nodes["a"];
        Assert.Equal((default(ResourceVector), 0, 0), (node.Requested, node.Pods.Count, node.Ports.Count));
    }

    [Fact]
    public void No_node_is_overcommitted_and_an_unschedulable_pod_fits_nowhere() => Gen.Select(
        Gen.Int[0, 8].Array[0, 6], Gen.Int[1, 5].Array[0, 30]).Sample((nodes, pods) =>
    {
        var cluster = Cluster([.. nodes.Select((cpu, i) => Node($"n{i}", $"{cpu}"))]);
        var result = Schedule(cluster, [.. pods.Select((cpu, i) => Pod($"p{i}", $"{cpu}"))]);
        Assert.Equal(pods.Length, result.Placements.Count + result.Unschedulable.Count);
        Assert.All(result.After.Nodes.Values, n => Assert.True(n.Free.Cpu >= 0));
        Assert.All(result.Unschedulable, r => Assert.All(result.After.Nodes.Values, n => Assert.True(n.Free.Cpu < r.Pod.Requests.Cpu)));
    });

    [Fact]
    public void Equal_pods_spread_over_a_thousand_nodes()
    {
        var cluster = Cluster([.. Enumerable.Range(0, 1000).Select(i => Node($"n{i:0000}", "40"))]);
        var result = Schedule(cluster, [.. Enumerable.Range(0, 10_000).Select(i => Pod($"p{i}", "100m"))]);
        Assert.Empty(result.Unschedulable);
        Assert.All(result.After.Nodes.Values, n => Assert.Equal(10, n.Pods.Count));
    }

    private static SchedulingResult Schedule(ClusterSnapshot cluster, IReadOnlyList<V1Pod> pending) =>
        SchedulingPipeline.Schedule(cluster, [.. pending.Select(PodInfo.From)]);
}
