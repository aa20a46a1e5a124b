using System.Text.Json.Nodes;
using Akka.TestKit.Xunit2;
using Orchestrator.Actors.Api;
using Orchestrator.Actors.Entities;
using Orchestrator.Actors.Feed;
using Orchestrator.Actors.Journal;
using Orchestrator.Actors.Scheduling;

namespace Orchestrator.Tests.Scheduling;

/// <summary>The scheduler between a cache and a region that answers as it is told.</summary>
public sealed class SchedulerActorSpec : TestKit
{
    private static readonly TimeSpan Bound = TimeSpan.FromSeconds(20);
    private readonly ObjectCache _cache = new();

    [Fact]
    public async Task A_binding_that_was_refused_is_tried_again_and_its_room_is_free_meanwhile()
    {
        await _cache.StartAsync(NothingAsync(), CancellationToken.None);
        await PublishAsync(Node("n1", pods: 1), Pod("a"));
        Sys.ActorOf(SchedulerActor.Props(_cache, () => TestActor, TimeProvider.System));
        var first = ExpectMsg<BindPod>(Bound);
        Assert.Equal("n1", first.Node);
        Refuse(first);
        var again = ExpectMsg<BindPod>(Bound);
        Assert.Equal(("a", "n1"), (again.Key.Name, again.Node));
    }

    [Fact]
    public async Task A_pod_that_goes_before_it_is_bound_leaves_its_room()
    {
        await _cache.StartAsync(NothingAsync(), CancellationToken.None);
        await PublishAsync(Node("n1", pods: 1), Pod("a"));
        Sys.ActorOf(SchedulerActor.Props(_cache, () => TestActor, TimeProvider.System));
        Assert.Equal("a", ExpectMsg<BindPod>(Bound).Key.Name);
        await PublishAsync(Deleted("a"), Pod("b"));
        Assert.Equal(("b", "n1"), ExpectMsg<BindPod>(Bound) is var b ? (b.Key.Name, b.Node) : default);
    }

    [Fact]
    public async Task A_report_that_was_refused_is_made_again()
    {
        await _cache.StartAsync(NothingAsync(), CancellationToken.None);
        await PublishAsync(Pod("a"));
        Sys.ActorOf(SchedulerActor.Props(_cache, () => TestActor, TimeProvider.System));
        var first = ExpectMsg<MergeObject>(Bound);
        Assert.Equal("unschedulable", first.Verb);
        Refuse(first);
        var again = ExpectMsg<MergeObject>(Bound);
        Assert.Equal(("a", "unschedulable"), (again.Key.Name, again.Verb));
    }

    protected override void AfterAll()
    {
        base.AfterAll();
        _cache.DisposeAsync().AsTask().Wait(Bound);
    }

    private void Refuse(ObjectCommand command) =>
        LastSender.Tell(new CommandReply(null, new ApiError(ApiReason.ServiceUnavailable, "the journal is away")) { CorrelationId = command.CorrelationId }, TestActor);

    private long _revision;

    private async Task PublishAsync(params (string Id, ObjectEvent Event)[] events)
    {
        _cache.Publish([.. events.Select(e => new Committed(e.Id, 1, e.Event with { Revision = ++_revision }))]);
        await _cache.ReachedAsync(_revision, CancellationToken.None).WaitAsync(Bound);
    }

    private static (string, ObjectEvent) Node(string name, int pods) => ($"nodes/{name}", Event("node.created.1", $$"""
        {"apiVersion":"v1","kind":"Node","metadata":{"name":"{{name}}","uid":"{{name}}"},
         "status":{"allocatable":{"cpu":"4","memory":"8Gi","pods":"{{pods}}"},"conditions":[{"type":"Ready","status":"True"}]} }
        """));

    private static (string, ObjectEvent) Pod(string name) => ($"pods/default/{name}", Event("pod.created.1", $$"""
        {"apiVersion":"v1","kind":"Pod","metadata":{"name":"{{name}}","namespace":"default","uid":"u-{{name}}"},"spec":{"containers":[{"name":"main","image":"x"}]} }
        """));

    private static (string, ObjectEvent) Deleted(string name) => ($"pods/default/{name}", Event("pod.deleted.1", null));

    private static ObjectEvent Event(string manifest, string? delta) =>
        new(manifest, DateTimeOffset.UnixEpoch, "test", 0, delta is null ? null : (JsonObject)JsonNode.Parse(delta)!);

    private static async IAsyncEnumerable<Committed> NothingAsync()
    {
        await Task.CompletedTask;
        yield break;
    }
}
