using Akka.Actor;
using Orchestrator.Actors.Api;
using Orchestrator.Actors.Entities;
using Orchestrator.Actors.GarbageCollection;
using Orchestrator.Tests.Kit;

namespace Orchestrator.Tests.GarbageCollection;

/// <summary>Posted Events between a cache and a region that does as it is told; time moves when the spec says so.</summary>
public sealed class EventExpiryActorSpec : FedCacheSpec
{
    [Fact]
    public async Task An_event_goes_an_hour_after_its_last_change()
    {
        var posted = await PostAsync("a");
        var expiry = Start();
        await Time.PassAsync(Sys, TimeSpan.FromMinutes(50), expiry);
        var changed = (await Fed.ChangeAsync(posted.Key, """{"count":2}"""))!;
        await Time.PassAsync(Sys, TimeSpan.FromMinutes(50), expiry);
        Assert.False(HasMessages);
        await Time.PassAsync(Sys, TimeSpan.FromMinutes(10), expiry);
        var delete = ExpectMsg<DeleteObject>(Bound);
        Assert.Equal((posted.Key, posted.Uid, changed.Revision), (delete.Key, delete.ExpectedUid, delete.ExpectedRevision));
    }

    [Fact]
    public async Task What_is_still_there_is_deleted_again_and_what_is_gone_is_forgotten()
    {
        var expiry = Start();
        var posted = await PostAsync("a");
        await Time.PassAsync(Sys, TimeSpan.FromHours(1), expiry);
        ExpectMsg<DeleteObject>(Bound);
        await Time.UntilAsync(Sys, TimeSpan.FromSeconds(16), () => HasMessages, expiry);
        ExpectMsg<DeleteObject>(Bound);
        await Fed.DeleteAsync(posted.Key);
        await Time.PassAsync(Sys, TimeSpan.FromHours(2), expiry);
        Assert.False(HasMessages);
    }

    private IActorRef Start() => Sys.ActorOf(EventExpiryActor.Props(Fed.Cache, () => TestActor, Time.Clock));

    private async Task<KubeObject> PostAsync(string name) => (await Fed.CreateAsync(
        $$"""{"apiVersion":"v1","kind":"Event","metadata":{"name":"{{name}}","namespace":"default","uid":"u-{{name}}"},"reason":"Seen","count":1}"""))!;
}
