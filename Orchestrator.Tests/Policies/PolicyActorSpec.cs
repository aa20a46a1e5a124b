using Orchestrator.Actors.Feed;
using System.Text.Json.Nodes;
using Akka.Actor;
using Akka.TestKit.Xunit2;
using Orchestrator.Actors.Api;
using Orchestrator.Actors.Kinds.NetworkPolicies;
using Orchestrator.Actors.Kinds.Pods;
using Orchestrator.Node.Agent;
using Orchestrator.Node.Packets;
using Orchestrator.Node.Network;
using Orchestrator.Node.Network.Cni;
using Orchestrator.Node.Policies;
using Orchestrator.Tests.Kit;

namespace Orchestrator.Tests.Policies;

/// <summary>The enforcer of a node that cannot enforce, between a gateway and an agent that are played.</summary>
public sealed class PolicyActorSpec() : TestKit(ControlledTime.Config)
{
    private static readonly TimeSpan Bound = TimeSpan.FromSeconds(20);

    [Fact]
    public void A_node_that_cannot_enforce_begins_no_pod_that_a_policy_selects()
    {
        var actor = Start();
        ExpectMsg(new FollowPolicies(FeedPosition.None), Bound);
        ExpectMsg<PolicyActor.PodsWanted>(Bound);
        actor.Tell(new PolicyActor.Guard("a"));
        ExpectMsg(new FollowPolicies(FeedPosition.None, 1), Bound);
        actor.Tell(new PolicyActor.Guard("b"));
        actor.Tell(new PolicyActor.Pods([Pod("a"), Pod("b")], true));
        ExpectNoMsg(TimeSpan.Zero);
        actor.Tell(new PolicyNews("s", PolicyNews.Whole, 1, [Policy("a")], [], []));
        var notice = ExpectMsg<PodNotice>(Bound);
        Assert.Equal(("a", "NetworkPolicyNotEnforced"), (notice.PodUid, notice.Event.Reason));

        // What is known counts for a pod once it is known to be new enough for it.
        ExpectNoMsg(TimeSpan.Zero);
        actor.Tell(new PoliciesConfirmed(1));
        ExpectMsg(new FollowPolicies(new FeedPosition("s", 1), 2), Bound);
        Assert.Contains("pod-network.mode", ExpectMsg<PolicyActor.Guarded>(Bound).Obstacle, StringComparison.Ordinal);
        actor.Tell(new PoliciesConfirmed(2));
        Assert.Null(ExpectMsg<PolicyActor.Guarded>(Bound).Obstacle);
    }

    [Theory]
    [InlineData(false, "pod-network.mode")]
    [InlineData(true, null)]
    public void What_plugins_enforce_is_left_to_them(bool areEnforcing, string? obstacle)
    {
        using var folder = new TempFolder();
        var actor = Start(new CniNetwork(NetworkNames.Of("x"), new CniRecords(folder.Path), folder.Path, new CniPrograms([], TimeProvider.System), areEnforcing));
        ExpectMsg(new FollowPolicies(FeedPosition.None), Bound);
        ExpectMsg<PolicyActor.PodsWanted>(Bound);
        actor.Tell(new PolicyActor.Guard("a"));
        ExpectMsg(new FollowPolicies(FeedPosition.None, 1), Bound);
        actor.Tell(new PolicyNews("s", PolicyNews.Whole, 1, [Policy("a")], [], []));
        actor.Tell(new PoliciesConfirmed(1));
        actor.Tell(new PolicyActor.Pods([Pod("a")], true));
        Assert.Contains(obstacle ?? "", ExpectMsg<PolicyActor.Guarded>(Bound).Obstacle ?? (obstacle is null ? "" : "nothing"), StringComparison.Ordinal);
    }

    [Fact]
    public void Who_misses_a_version_asks_for_the_whole()
    {
        var actor = Start();
        ExpectMsg(new FollowPolicies(FeedPosition.None), Bound);
        ExpectMsg<PolicyActor.PodsWanted>(Bound);
        actor.Tell(new PolicyNews("s", PolicyNews.Whole, 3, [], [], []));
        actor.Tell(new PolicyNews("s", 4, 5, [], [], []));
        ExpectMsg(new FollowPolicies(new FeedPosition("s", 3)), Bound);
    }

    private IActorRef Start(IPodNetwork? network = null) => ActorOfAsTestActorRef<PolicyActor>(PolicyActor.Props("n", TestActor, null, network, new PacketKernel((_, _) => throw new InvalidOperationException("there is no table"), (_, _) => Task.FromResult(false))), TestActor);

    private static KubeObject Pod(string name) => Of(PodDefinition.Instance, name, """{ "nodeName": "n", "containers": [] }""");

    private static KubeObject Policy(string of) => Of(NetworkPolicyDefinition.Instance, "p", $$"""{ "podSelector": { "matchLabels": { "is": "{{of}}" } } }""");

    private static KubeObject Of(Orchestrator.Actors.Resources.ResourceDefinition kind, string name, string spec) => KubeObject.From(kind, (JsonObject)JsonNode.Parse(
        $$"""{ "metadata": { "name": "{{name}}", "namespace": "x", "uid": "{{name}}", "resourceVersion": "1", "labels": { "is": "{{name}}" } }, "spec": {{spec}} }""")!);
}
