using System.Text.Json.Nodes;
using Akka.Actor;
using Orchestrator.Actors.Api;
using Orchestrator.Actors.Entities;
using Orchestrator.Actors.Kinds.Nodes;
using Orchestrator.Actors.Kinds.Pods;
using Orchestrator.Tests.Kit;

namespace Orchestrator.Tests.Kinds.Pods;

/// <summary>Pods that nobody else removes.</summary>
public sealed class PodGarbageCollectorSpec : FedCacheSpec
{
    private static readonly TimeSpan Quarantine = PodGarbageCollector.Quarantine;

    [Theory]
    [InlineData("Running", "example.com/f", 2)]
    [InlineData("Failed", "example.com/f", 1)]
    [InlineData("Running", null, 1)]
    public void A_pod_that_a_finalizer_keeps_is_failed_before_it_is_deleted(string phase, string? finalizer, int commands)
    {
        var metadata = new JsonObject { ["name"] = "p", ["namespace"] = "default", ["uid"] = "u", ["finalizers"] = finalizer is null ? null : new JsonArray(finalizer) };
        var pod = KubeObject.From(PodDefinition.Instance, new JsonObject { ["metadata"] = metadata, ["spec"] = new JsonObject { ["nodeName"] = "gone" }, ["status"] = new JsonObject { ["phase"] = phase } });
        var plan = PodGarbageCollector.Remove(pod, "test", DateTimeOffset.UnixEpoch).ToList();
        Assert.Equal(commands, plan.Count);
        Assert.Equal(0, Assert.IsType<DeleteObject>(plan[^1]).GraceSeconds);
        Assert.All(plan.OfType<MergeObject>(), m => Assert.Equal(("Failed", "DeletionByPodGC"), ((string?)m.Patch["status"]!["phase"], (string?)m.Patch["status"]!["conditions"]![0]!["reason"])));
    }

    [Fact]
    public async Task Pods_of_a_deleted_node_are_removed_at_once_after_the_quarantine()
    {
        await NodeAsync("n1");
        await NodeAsync("n2");
        var lost = await PodAsync("lost", "n1");
        await PodAsync("other", "n2");
        await PodAsync("pending", null);
        var collector = await StartAsync();
        await Fed.DeleteAsync(NodeDefinition.Instance.Key(null, "n1"));
        await Time.PassAsync(Sys, Quarantine - TimeSpan.FromSeconds(1), collector);
        Assert.False(HasMessages);
        await Time.PassAsync(Sys, TimeSpan.FromSeconds(1), collector);
        var delete = ExpectMsg<DeleteObject>(Bound);
        Assert.Equal((lost.Key, lost.Uid, 0L), (delete.Key, delete.ExpectedUid, delete.GraceSeconds));
        Assert.False(HasMessages);
    }

    [Fact]
    public async Task A_node_that_comes_back_in_time_keeps_its_pods()
    {
        await NodeAsync("n1");
        await PodAsync("kept", "n1");
        var collector = await StartAsync();
        await Fed.DeleteAsync(NodeDefinition.Instance.Key(null, "n1"));
        await Time.PassAsync(Sys, TimeSpan.FromSeconds(30), collector);
        await NodeAsync("n1");
        await Time.PassAsync(Sys, TimeSpan.FromMinutes(3), collector);
        Assert.False(HasMessages);
    }

    [Fact]
    public async Task What_was_lost_before_it_started_or_was_refused_is_removed_by_a_later_pass()
    {
        var lost = await PodAsync("lost", "n1");
        var collector = await StartAsync();
        await Time.PassAsync(Sys, Quarantine, collector);
        var first = ExpectMsg<DeleteObject>(Bound);
        collector.Tell(new CommandReply(null, new ApiError(ApiReason.ServiceUnavailable, "not now")) { CorrelationId = first.CorrelationId });
        await Time.PassAsync(Sys, TimeSpan.FromMinutes(1), collector);
        Assert.Equal(lost.Key, ExpectMsg<DeleteObject>(Bound).Key);
    }

    [Fact]
    public async Task Of_too_many_finished_pods_the_oldest_go()
    {
        KubeObject[] pods = [await PodAsync("young", "n1", "Failed", 3), await PodAsync("old", "n1", "Succeeded", 1), await PodAsync("middle", "n1", "Succeeded", 2), await PodAsync("runs", "n1")];
        Assert.Equal(["old", "middle"], PodGarbageCollector.Plan(pods, _ => false, keep: 1).Select(p => p.Name));
        Assert.Empty(PodGarbageCollector.Plan(pods, _ => false, keep: 3));
    }

    // Its first pass is in its mailbox once it answers.
    private async Task<IActorRef> StartAsync()
    {
        var collector = Sys.ActorOf(PodGarbageCollectorActor.Props(Fed.Cache, () => TestActor, Time.Clock));
        await collector.Ask<ActorIdentity>(new Identify(null), Bound);
        return collector;
    }

    private Task NodeAsync(string name) => Fed.CreateAsync($$"""{"apiVersion":"v1","kind":"Node","metadata":{"name":"{{name}}","uid":"u-{{name}}-{{Guid.NewGuid()}}"} }""");

    private async Task<KubeObject> PodAsync(string name, string? node, string phase = "Running", int hour = 0) => (await Fed.CreateAsync($$"""
        {"apiVersion":"v1","kind":"Pod","metadata":{"name":"{{name}}","namespace":"default","uid":"u-{{name}}","creationTimestamp":"2026-01-01T0{{hour}}:00:00Z"},
         "spec":{{(node is null ? "{}" : $$"""{"nodeName":"{{node}}"}""")}},"status":{"phase":"{{phase}}"} }
        """))!;
}
