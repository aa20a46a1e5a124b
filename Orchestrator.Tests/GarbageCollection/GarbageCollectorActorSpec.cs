using Akka.Actor;
using Orchestrator.Actors.Api;
using Orchestrator.Actors.Entities;
using Orchestrator.Actors.GarbageCollection;
using Orchestrator.Actors.Kinds.Namespaces;
using Orchestrator.Tests.Kit;

namespace Orchestrator.Tests.GarbageCollection;

/// <summary>The collector between a cache and a region that answers as it is told; time moves when the spec says so.</summary>
public sealed class GarbageCollectorActorSpec : FedCacheSpec
{
    [Fact]
    public async Task What_was_left_while_none_ran_is_collected_at_the_start()
    {
        await CreateAsync("a", "gone");
        await StartAsync();
        Assert.Equal("a", ExpectMsg<DeleteObject>(Bound).Key.Name);
    }

    [Fact]
    public async Task A_dependent_that_comes_after_its_owner_went_is_collected()
    {
        await StartAsync();
        await CreateAsync("late", "gone");
        Assert.Equal("late", ExpectMsg<DeleteObject>(Bound).Key.Name);
    }

    [Fact]
    public async Task Dependents_follow_their_owner()
    {
        var owner = await CreateAsync("o");
        await CreateAsync("a", "o");
        await StartAsync();
        await Fed.DeleteAsync(owner.Key);
        Assert.Equal(("a", Fed.Revision), ExpectMsg<DeleteObject>(Bound) is var d ? (d.Key.Name, d.Cause) : default);
    }

    [Fact]
    public async Task What_was_refused_is_tried_again_from_what_is_true_by_then()
    {
        await CreateAsync("a", "gone");
        var collector = await StartAsync();
        Refuse(ExpectMsg<DeleteObject>(Bound), ApiReason.ServiceUnavailable);
        await Time.UntilAsync(Sys, TimeSpan.FromSeconds(1), () => HasMessages, collector);
        var again = ExpectMsg<DeleteObject>(Bound);
        Assert.Equal("a", again.Key.Name);
        LastSender.Tell(new CommandReply(null, null, true) { CorrelationId = again.CorrelationId });
        await Time.PassAsync(Sys, TimeSpan.FromMinutes(2), collector);
        Assert.False(HasMessages);
    }

    [Fact]
    public async Task What_was_never_answered_is_tried_again()
    {
        await CreateAsync("a", "gone");
        var collector = await StartAsync();
        ExpectMsg<DeleteObject>(Bound);
        await Time.UntilAsync(Sys, TimeSpan.FromSeconds(16), () => HasMessages, collector);
        Assert.Equal("a", ExpectMsg<DeleteObject>(Bound).Key.Name);
    }

    [Fact]
    public async Task What_was_created_while_its_namespace_went_is_collected()
    {
        await CreateAsync("early");
        await StartAsync();
        await Fed.DeleteAsync(NamespaceDefinition.Instance.Key(null, "default"));
        Assert.Equal("early", ExpectMsg<DeleteObject>(Bound).Key.Name);
        await CreateAsync("late");
        Assert.Equal("late", ExpectMsg<DeleteObject>(Bound).Key.Name);
    }

    private async Task<IActorRef> StartAsync()
    {
        var collector = Sys.ActorOf(GarbageCollectorActor.Props(Fed.Cache, () => TestActor, Time.Clock));
        await collector.Ask<ActorIdentity>(new Identify(null), Bound); // It has looked at what there is.
        return collector;
    }

    private void Refuse(ObjectCommand command, ApiReason reason) => LastSender.Tell(new CommandReply(null, new ApiError(reason, "not now")) { CorrelationId = command.CorrelationId });

    private async Task<KubeObject> CreateAsync(string name, string? owner = null)
    {
        if (Fed.Revision == 0)
        {
            await Fed.CreateAsync("""{"apiVersion":"v1","kind":"Namespace","metadata":{"name":"default","uid":"u-default"} }""");
        }

        var owners = owner is null ? "" : $$"""{"apiVersion":"v1","kind":"ConfigMap","name":"{{owner}}","uid":"u-{{owner}}"}""";
        return (await Fed.CreateAsync($$"""
            {"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"{{name}}","namespace":"default","uid":"u-{{name}}","ownerReferences":[{{owners}}]} }
            """))!;
    }
}
