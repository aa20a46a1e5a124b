using System.Collections.Immutable;
using Akka.Actor;
using Orchestrator.Actors.Api;
using Orchestrator.Actors.Entities;
using Orchestrator.Actors.Kinds.Nodes;
using Orchestrator.Actors.Kinds.Pods;
using Orchestrator.Actors.Kinds.ServiceAccounts;
using Orchestrator.Tests.Kit;

namespace Orchestrator.Tests.Kinds.Nodes;

/// <summary>The gateway between a cache, a region that answers as it is told and agents that come and go; time moves by hand.</summary>
public sealed class NodeGatewayActorSpec() : FedCacheSpec("""
    akka.actor.provider = cluster
    akka.remote.dot-netty.tcp { hostname = 127.0.0.1, port = 0 }
    """)
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);

    [Fact]
    public async Task A_node_whose_agent_never_comes_is_lost_once_patience_is_over()
    {
        await NodeAsync("n1");
        var gateway = Start();
        await Time.PassAsync(Sys, Patience - TimeSpan.FromSeconds(1), gateway);
        Assert.False(HasMessages);
        await Time.PassAsync(Sys, TimeSpan.FromSeconds(1), gateway);
        Assert.Equal(("n1", "lost"), ExpectMsg<MergeObject>(Bound) is var m ? (m.Key.Name, m.Verb) : default);
    }

    [Fact]
    public async Task A_node_whose_agent_ends_is_lost_and_its_mark_is_repeated_until_the_cache_shows_it()
    {
        await NodeAsync("n1");
        var gateway = Start();
        var agent = CreateTestProbe();
        gateway.Tell(new AttachAgent("n1", ImmutableDictionary<string, long>.Empty, "here"), agent);
        agent.ExpectMsg<DesiredPods>(Bound);
        await Time.PassAsync(Sys, Patience, gateway);
        Assert.False(HasMessages);

        Sys.Stop(agent);
        var first = ExpectMsg<MergeObject>(Bound);
        gateway.Tell(new CommandReply(null, new ApiError(ApiReason.ServiceUnavailable, "the journal is away")) { CorrelationId = first.CorrelationId });
        await Time.UntilAsync(Sys, TimeSpan.FromSeconds(1), () => HasMessages, gateway);
        var again = ExpectMsg<MergeObject>(Bound);
        Assert.Equal("Unknown", (string?)again.Patch["status"]!["conditions"]![0]!["status"]);

        await Time.UntilAsync(Sys, TimeSpan.FromSeconds(5), () => HasMessages, gateway);
        ExpectMsg<MergeObject>(Bound);
        await Fed.ChangeAsync(again.Key, again.Patch.ToJsonString(), "lost");
        await Time.PassAsync(Sys, TimeSpan.FromMinutes(1), gateway);
        Assert.False(HasMessages);
    }

    [Fact]
    public async Task A_last_report_of_a_lost_agent_does_not_bring_its_node_back()
    {
        await NodeAsync("n1");
        var gateway = Start();
        await Time.PassAsync(Sys, Patience, gateway);
        var mark = ExpectMsg<MergeObject>(Bound);
        gateway.Tell(new CommandReply(null, null) { CorrelationId = mark.CorrelationId });

        // The cache still shows the node as ready, and no other event comes.
        await Time.UntilAsync(Sys, TimeSpan.FromSeconds(5), () => HasMessages, gateway);
        Assert.Equal("lost", ExpectMsg<MergeObject>(Bound).Verb);
    }

    [Fact]
    public async Task An_agent_is_told_its_pods_and_what_it_holds_in_vain()
    {
        await NodeAsync("n1");
        await PodAsync("old", "n1");
        var held = await PodAsync("held", "n1");
        await PodAsync("elsewhere", "n2");
        var gateway = Start();
        var agent = CreateTestProbe();
        gateway.Tell(new AttachAgent("n1", new Dictionary<string, long> { ["u-held"] = held.Revision, ["u-gone"] = 1 }.ToImmutableDictionary(), "here"), agent);
        var first = agent.ExpectMsg<DesiredPods>(Bound);
        Assert.Equal(["old"], first.Changed.Select(p => p.Name));
        Assert.Equal("u-gone", Assert.Single(first.Gone));
        Assert.True(first.IsComplete);
        await PodAsync("new", "n1");
        var next = agent.ExpectMsg<DesiredPods>(Bound);
        Assert.Equal("new", Assert.Single(next.Changed).Name);
        Assert.False(next.IsComplete);
        await Fed.DeleteAsync(PodDefinition.Instance.Key("default", "old"));
        Assert.Equal("u-old", Assert.Single(agent.ExpectMsg<DesiredPods>(Bound).Gone));
    }

    [Fact]
    public async Task An_agent_is_told_which_of_its_pods_show_something_that_has_changed()
    {
        await NodeAsync("n1");
        foreach (var (name, node) in ((string, string)[])[("here", "n1"), ("there", "n2"), ("waits", "")])
        {
            await Fed.CreateAsync($$$"""
                {"apiVersion":"v1","kind":"Pod","metadata":{"name":"{{{name}}}","namespace":"default","uid":"u-{{{name}}}"},"spec":{"containers":[{"name":"c","image":"x",
                  "envFrom":[{"configMapRef":{"name":"environment"}}]}],
                  "volumes":[{"name":"a","configMap":{"name":"mounted","optional":true}},{"name":"b","projected":{"sources":[{"secret":{"name":"projected"}}]}}]} }
                """);
            if (node.Length > 0)
            {
                await Fed.ChangeAsync(PodDefinition.Instance.Key("default", name), $$$"""{"spec":{"nodeName":"{{{node}}}"}}""", "scheduled");
            }
        }

        var gateway = Start();
        var agent = CreateTestProbe();
        gateway.Tell(new AttachAgent("n1", ImmutableDictionary<string, long>.Empty, "here"), agent);
        Assert.Equal("here", agent.ExpectMsg<DesiredPods>(Bound).Changed.Single().Name);
        var map = (await Fed.CreateAsync("""{"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"mounted","namespace":"default","uid":"m"}}"""))!.Key;
        Assert.Equal("u-here", agent.ExpectMsg<DesiredPods>(Bound).Reread.Single());
        await Fed.ChangeAsync(map, """{"data":{"a":"1"}}""");
        Assert.Equal("u-here", agent.ExpectMsg<DesiredPods>(Bound).Reread.Single());
        await Fed.DeleteAsync(map);
        Assert.Equal("u-here", agent.ExpectMsg<DesiredPods>(Bound).Reread.Single());
        await Fed.CreateAsync("""{"apiVersion":"v1","kind":"Secret","metadata":{"name":"projected","namespace":"default","uid":"s"}}""");
        Assert.Equal("u-here", agent.ExpectMsg<DesiredPods>(Bound).Reread.Single());

        // What only the environment names is read when a container starts; another namespace is none of the pod's business.
        await Fed.CreateAsync("""{"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"environment","namespace":"default","uid":"e"}}""");
        await Fed.CreateAsync("""{"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"mounted","namespace":"other","uid":"o"}}""");
        await PodAsync("last", "n1");
        Assert.Equal(("last", 0), agent.ExpectMsg<DesiredPods>(Bound) is var next ? (next.Changed.Single().Name, next.Reread.Length) : default);
    }

    [Fact]
    public async Task An_agent_gets_its_pods_only_when_the_cache_has_all_that_an_earlier_gateway_can_have_told_it()
    {
        await NodeAsync("n1");
        Fed.Cache.ReadCurrentRevisionFrom(() => Task.FromResult(Fed.Revision + 1));
        var gateway = Start();
        var agent = CreateTestProbe();
        gateway.Tell(new AttachAgent("n1", new Dictionary<string, long> { ["u-runs"] = Fed.Revision + 1 }.ToImmutableDictionary(), "here"), agent);
        await Time.PassAsync(Sys, TimeSpan.Zero, gateway);
        await PodAsync("runs", "n1");
        Assert.Empty(agent.ExpectMsg<DesiredPods>(Bound).Gone);
    }

    [Fact]
    public async Task Another_host_gets_a_node_only_when_its_own_is_lost()
    {
        await NodeAsync("n1");
        var gateway = Start();
        var (first, again, stranger) = (CreateTestProbe(), CreateTestProbe(), CreateTestProbe());
        AttachAgent attach = new("n1", ImmutableDictionary<string, long>.Empty, "here");
        gateway.Tell(attach, first);
        first.ExpectMsg<DesiredPods>(Bound);
        gateway.Tell(attach with { Installation = "there" }, stranger);
        Assert.Equal("node name n1 is another host's (machine id here), which is up: give this one another --node-name, or stop the other", stranger.ExpectMsg<AttachRefused>(Bound).Why);

        // The same host, started anew before anybody saw it go.
        gateway.Tell(attach, again);
        again.ExpectMsg<DesiredPods>(Bound);
        Sys.Stop(again);
        ExpectMsg<MergeObject>(Bound);
        gateway.Tell(attach with { Installation = "there" }, stranger);
        stranger.ExpectMsg<DesiredPods>(Bound);
    }

    [Theory]
    [InlineData("here", "True", null)]
    [InlineData("there", "True", "n1")]
    [InlineData("there", "False", "n1")]
    [InlineData("there", null, "n1")]
    [InlineData("there", "Unknown", null)]
    [InlineData("n1", "True", null)]
    [InlineData(null, "True", null)]
    public async Task A_node_is_the_host_that_registered_it_as_long_as_that_lives(string? machine, string? ready, string? refusedFor)
    {
        var (id, conditions) = (machine is null ? "null" : $"\"{machine}\"", ready is null ? "[]" : $$"""[{"type":"Ready","status":"{{ready}}"}]""");
        var node = await Fed.CreateAsync($$$"""
            {"apiVersion":"v1","kind":"Node","metadata":{"name":"n1","uid":"u"},"status":{"nodeInfo":{"machineID":{{{id}}}},"conditions":{{{conditions}}}}}
            """);
        Assert.Equal(refusedFor is null, NodeIdentity.Refusal(node!, "here") is null);
    }

    [Fact]
    public void A_message_for_a_node_without_agent_is_answered()
    {
        Start().Tell(new ToNode("n9", "hello"), TestActor);
        Assert.Equal("n9", ExpectMsg<NodeUnreachable>(Bound).Node);
    }

    [Fact]
    public async Task A_node_of_another_host_that_is_up_is_not_attached_by_this_one()
    {
        await Fed.CreateAsync("""{"apiVersion":"v1","kind":"Node","metadata":{"name":"n1","uid":"u"},"status":{"nodeInfo":{"machineID":"there"},"conditions":[{"type":"Ready","status":"True"}]}}""");
        var gateway = Start();
        gateway.Tell(new AttachAgent("n1", ImmutableDictionary<string, long>.Empty, "here"), TestActor);
        Assert.Contains("machine id there", ExpectMsg<AttachRefused>(Bound).Why, StringComparison.Ordinal);
        gateway.Tell(new AttachAgent("n1", ImmutableDictionary<string, long>.Empty, "there"), TestActor);
        ExpectMsg<DesiredPods>(Bound);
    }

    [Fact]
    public async Task An_agent_gets_the_tokens_of_its_own_pods_only()
    {
        var gateway = await WithTokensAsync();
        var agent = CreateTestProbe();
        gateway.Tell(new RequestPodTokens("n1", Pod("web"), "u-web"), agent);
        Assert.Contains("does not run the agent of node n1", agent.ExpectMsg<PodTokens>(Bound).Refusal, StringComparison.Ordinal);

        gateway.Tell(new AttachAgent("n1", ImmutableDictionary<string, long>.Empty, "here"), agent);
        agent.ExpectMsg<DesiredPods>(Bound);
        gateway.Tell(new RequestPodTokens("n1", Pod("web"), "u-web"), agent);
        var tokens = agent.ExpectMsg<PodTokens>(Bound);
        Assert.Equal([("", 3607L, "token-1"), ("vault", 600L, "token-2")], tokens.Tokens.Select(t => (t.Audience, t.Seconds, t.Text)));
        Assert.Equal(new TokenSubject("default", "default", "u-default", new BoundObject("Pod", "web", "u-web"), new BoundObject("Node", "n1", "u-n1")), _tokens!.Issued[0]);
        Assert.DoesNotContain("token-1", $"{tokens}{tokens.Tokens[0]}", StringComparison.Ordinal);

        // A pod of another node, one that is another by now, one that is not there, and the pod of another node under that node's name.
        foreach (var wanted in new[] { new RequestPodTokens("n1", Pod("db"), "u-db"), new("n1", Pod("web"), "u-old"), new("n1", Pod("none"), "u"), new("n2", Pod("db"), "u-db") })
        {
            gateway.Tell(wanted, agent);
            Assert.NotNull(agent.ExpectMsg<PodTokens>(Bound).Refusal);
        }

        Assert.Equal(2, _tokens.Issued.Count);
    }

    [Fact]
    public async Task A_pod_that_has_been_going_for_long_gets_no_tokens()
    {
        var gateway = await WithTokensAsync();
        var agent = CreateTestProbe();
        gateway.Tell(new AttachAgent("n1", ImmutableDictionary<string, long>.Empty, "here"), agent);
        agent.ExpectMsg<DesiredPods>(Bound);
        foreach (var (name, ago) in new[] { ("soon", 59), ("late", 61) })
        {
            await Fed.CreateAsync($$"""
                {"apiVersion":"v1","kind":"Pod","metadata":{"name":"{{name}}","namespace":"default","uid":"u-{{name}}","deletionTimestamp":"{{KubeTime.Text(Time.Clock.GetUtcNow().AddSeconds(-ago))}}"},"spec":{"nodeName":"n1","containers":[]} }
                """);
            gateway.Tell(new RequestPodTokens("n1", Pod(name), $"u-{name}"), agent);
        }

        Assert.Null(agent.FishForMessage<PodTokens>(_ => true, Bound).Refusal);
        Assert.Contains("is being deleted", agent.FishForMessage<PodTokens>(_ => true, Bound).Refusal, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Another_host_gets_no_tokens_whatever_it_says()
    {
        var gateway = await WithTokensAsync();
        var agent = CreateTestProbe();
        gateway.Tell(new AttachAgent("n1", ImmutableDictionary<string, long>.Empty, "here"), agent);
        agent.ExpectMsg<DesiredPods>(Bound);
        var stranger = ((ExtendedActorSystem)Sys).Provider.ResolveActorRef($"akka.tcp://{Sys.Name}@127.0.0.1:1/user/agent-n1");
        gateway.Tell(new RequestPodTokens("n1", Pod("web"), "u-web"), stranger);
        gateway.Tell(new RequestPodTokens("n1", Pod("db"), "u-db"), agent); // Answered after the stranger.
        Assert.NotNull(agent.ExpectMsg<PodTokens>(Bound).Refusal);
        Assert.Empty(_tokens!.Issued);
    }

    private NumberedTokens? _tokens;

    private static ObjectKey Pod(string name) => PodDefinition.Instance.Key("default", name);

    private async Task<IActorRef> WithTokensAsync()
    {
        await NodeAsync("n1");
        await Fed.CreateAsync("""{"apiVersion":"v1","kind":"ServiceAccount","metadata":{"name":"default","namespace":"default","uid":"u-default"}}""");
        const string volumes = """[{"name":"a","projected":{"sources":[{"serviceAccountToken":{"expirationSeconds":3607,"path":"t"}},{"serviceAccountToken":{"expirationSeconds":600,"audience":"vault","path":"v"}}]}}]""";
        foreach (var (name, node) in new[] { ("web", "n1"), ("db", "n2") })
        {
            await Fed.CreateAsync($$"""
                {"apiVersion":"v1","kind":"Pod","metadata":{"name":"{{name}}","namespace":"default","uid":"u-{{name}}"},"spec":{"nodeName":"{{node}}","containers":[],"volumes":{{volumes}} } }
                """);
        }

        return Start();
    }

    private IActorRef Start() => Sys.ActorOf(NodeGatewayActor.Props(Fed.Cache, () => TestActor, _tokens = new NumberedTokens(Time.Clock), Time.Clock, Patience));

    private Task<KubeObject?> NodeAsync(string name) => Fed.CreateAsync($$"""
        {"apiVersion":"v1","kind":"Node","metadata":{"name":"{{name}}","uid":"u-{{name}}"},"status":{"conditions":[{"type":"Ready","status":"True"}]} }
        """);

    private async Task<KubeObject> PodAsync(string name, string node) => (await Fed.CreateAsync($$"""
        {"apiVersion":"v1","kind":"Pod","metadata":{"name":"{{name}}","namespace":"default","uid":"u-{{name}}"},"spec":{"nodeName":"{{node}}"} }
        """))!;
}
