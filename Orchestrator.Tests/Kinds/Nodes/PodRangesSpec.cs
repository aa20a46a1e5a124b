using CsCheck;
using Orchestrator.Actors.Entities;
using Orchestrator.Actors.Kinds.IPAddresses;
using Orchestrator.Actors.Kinds.Nodes;
using Orchestrator.Actors.Reconcile;
using Orchestrator.Tests.Kit;

namespace Orchestrator.Tests.Kinds.Nodes;

public sealed class PodRangesSpec
{
    private static readonly PodRanges Two = PodRanges.Of("10.9.0.0/23", 24, 64);

    [Fact]
    public void The_ranges_of_a_cluster_lie_in_it_and_do_not_overlap() => Gen.String[Gen.Char['a', 'z'], 1, 9].Sample(node =>
    {
        var ranges = PodRanges.Of("10.244.0.0/18", 24, 64).Families[0].For(node).ToList();
        Assert.Equal(64, ranges.Distinct().Count());
        Assert.All(ranges, r => Assert.Matches(@"^10\.244\.([0-9]|[1-5][0-9]|6[0-3])\.0/24$", r.ToString()));
    });

    [Theory]
    [InlineData("10.244.0.1/16", 24, "must be a range whose address is its first")]
    [InlineData("10.244.0.0", 24, "must be a range")]
    [InlineData("fd00::/40", 24, "more than 65536 nodes")]
    [InlineData("fd00::/72", 24, "pod-network.node-prefix-ipv6: 64 must be from 48 to 112 and not smaller than")]
    [InlineData("10.244.0.0/16,10.245.0.0/16", 24, "one of IPv4 and one of IPv6")]
    [InlineData("10.244.0.0/16,", 24, "must be a range")]
    [InlineData("10.244.0.0/24", 23, "not smaller than")]
    [InlineData("10.244.0.0/16", 26, "from 16 to 25")]
    public void Ranges_that_do_not_fit_are_refused(string cluster, int prefix, string why) =>
        Assert.Contains(why, Assert.Throws<FormatException>(() => PodRanges.Of(cluster, prefix, 64)).Message, StringComparison.Ordinal);

    [Fact]
    public async Task A_node_reserves_a_range_takes_it_and_gives_it_back_with_itself()
    {
        await using var fed = await FedCache.StartAsync();
        var node = (await fed.CreateAsync(Node("n1")))!;
        var reservation = Assert.IsType<CreateObject>(Assert.Single(Plan(fed, node).Commands));
        var owner = reservation.Object["metadata"]!["ownerReferences"]![0]!;
        Assert.Equal(("Node", "n1", "u-n1"), ((string?)owner["kind"], (string?)owner["name"], (string?)owner["uid"]));

        await fed.CreateAsync(reservation.Object.ToJsonString());
        var taken = Assert.IsType<MergeObject>(Assert.Single(Plan(fed, node).Commands));
        Assert.Equal($"{reservation.Key.Name}/24", (string?)taken.Patch["spec"]!["podCIDR"]);
        Assert.Equal($"{reservation.Key.Name}/24", (string?)taken.Patch["spec"]!["podCIDRs"]![0]);
    }

    [Fact]
    public async Task A_range_that_another_node_has_is_left_alone_and_the_last_one_is_said()
    {
        await using var fed = await FedCache.StartAsync();
        var first = Reserved(Plan(fed, (await fed.CreateAsync(Node("n1")))!));
        await fed.CreateAsync(first.Object.ToJsonString());
        var second = Reserved(Plan(fed, (await fed.CreateAsync(Node("n2")))!));
        Assert.NotEqual(first.Key, second.Key);
        await fed.CreateAsync(second.Object.ToJsonString());

        var none = Plan(fed, (await fed.CreateAsync(Node("n3")))!);
        Assert.Empty(none.Commands);
        Assert.Equal("CIDRNotAvailable", Assert.Single(none.Findings).Event.Reason);
        Assert.NotNull(none.RecheckAfter);

        // It is cared for all the same.
        var lost = (await fed.ChangeAsync(NodeDefinition.Instance.Key(null, "n3"), """{"status":{"conditions":[{"type":"Ready","status":"Unknown"}]}}"""))!;
        Assert.Equal("tainted", Assert.IsType<MergeObject>(Assert.Single(Plan(fed, lost).Commands)).Verb);
        await fed.ChangeAsync(NodeDefinition.Instance.Key(null, "n3"), """{"status":{"conditions":[{"type":"Ready","status":"True"}]}}""");

        await fed.DeleteAsync(IPAddressDefinition.Instance.Key(null, first.Key.Name));
        Assert.Equal(first.Key, Reserved(Plan(fed, fed.Cache.Find(NodeDefinition.Instance.Key(null, "n3"))!)).Key);
    }

    [Fact]
    public async Task A_range_that_a_node_has_from_elsewhere_is_reserved_and_nobody_else_s()
    {
        await using var fed = await FedCache.StartAsync();
        var wide = PodRanges.Of("10.9.0.0/23", 24, 64);
        var given = (await fed.CreateAsync(Node("n1").Replace("\"spec\":{}", "\"spec\":{\"podCIDR\":\"10.9.0.0/24\"}", StringComparison.Ordinal)))!;
        Assert.Equal("10.9.0.0", Reserved(new NodeController(wide).Plan(given, fed.Cache, new PlanContext(DateTimeOffset.UnixEpoch, 1, () => "", []))).Key.Name);
        Assert.Equal("10.9.1.0", Reserved(Plan(fed, (await fed.CreateAsync(Node("n2")))!)).Key.Name);
    }

    private static CreateObject Reserved(ControllerPlan plan) => Assert.IsType<CreateObject>(Assert.Single(plan.Commands));

    private static ControllerPlan Plan(FedCache fed, Actors.Api.KubeObject node) => new NodeController(Two).Plan(node, fed.Cache, new PlanContext(DateTimeOffset.UnixEpoch, 1, () => "", []));

    private static string Node(string name) => $$"""{"apiVersion":"v1","kind":"Node","metadata":{"name":"{{name}}","uid":"u-{{name}}"},"spec":{},"status":{"conditions":[{"type":"Ready","status":"True"}]} }""";
}
