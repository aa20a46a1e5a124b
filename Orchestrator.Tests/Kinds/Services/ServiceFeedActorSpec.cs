using Akka.Actor;
using Orchestrator.Actors.Feed;
using Orchestrator.Actors.Kinds.Services;
using Orchestrator.Tests.Kit;

namespace Orchestrator.Tests.Kinds.Services;

/// <summary>The feed of services between a cache and agents that follow it.</summary>
public sealed class ServiceFeedActorSpec() : FedCacheSpec("")
{
    [Fact]
    public async Task Who_follows_gets_the_whole_and_then_what_changes()
    {
        await MakeAsync("Service", "web", "");
        await Fed.CreateAsync("""{"apiVersion":"v1","kind":"Node","metadata":{"name":"n1","uid":"n1"}}""");
        await Fed.CreateAsync("""{"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"c","namespace":"default","uid":"c"}}""");
        var feed = Start("one");
        feed.Tell(new FollowServices(FeedPosition.None), TestActor);
        var whole = ExpectMsg<ObjectNews>(Bound);
        Assert.Equal(("one", ObjectNews.Whole, 0L, 1, 1), (whole.Source, whole.From, whole.Version, whole.Part, whole.Parts));
        Assert.Equal(["n1", "web"], whole.Changed.Select(o => o.Name).Order());

        await MakeAsync("Service", "db", "");
        await Fed.CreateAsync("""{"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"d","namespace":"default","uid":"d"}}""");
        await MakeAsync("Service", "api", "");
        var (first, second) = (ExpectMsg<ObjectNews>(Bound), ExpectMsg<ObjectNews>(Bound));
        Assert.Equal((0L, 1L, "db"), (first.From, first.Version, first.Changed.Single().Name));
        Assert.Equal((1L, 2L, "api"), (second.From, second.Version, second.Changed.Single().Name));
    }

    [Fact]
    public async Task Who_has_everything_gets_nothing_and_who_has_missed_something_or_has_it_from_another_gets_the_whole()
    {
        await MakeAsync("Service", "web", "");
        var feed = Start("two");
        feed.Tell(new FollowServices(new FeedPosition("two", 0)), TestActor);
        feed.Tell(new FollowServices(new FeedPosition("two", 7)), TestActor);
        Assert.Equal(ObjectNews.Whole, ExpectMsg<ObjectNews>(Bound).From);
        feed.Tell(new FollowServices(new FeedPosition("one", 0)), TestActor);
        Assert.Equal(ObjectNews.Whole, ExpectMsg<ObjectNews>(Bound).From);
        await MakeAsync("Service", "db", "");
        Assert.Equal(0, ExpectMsg<ObjectNews>(Bound).From);
    }

    [Fact]
    public async Task A_large_whole_comes_in_parts()
    {
        var padding = new string('x', 200_000);
        for (var i = 0; i < 12; i++)
        {
            await MakeAsync("Service", $"s{i}", padding);
        }

        var feed = Start("three");
        feed.Tell(new FollowServices(FeedPosition.None), TestActor);
        var names = new List<string>();
        for (var (number, parts) = (1, 2); number <= parts; number++)
        {
            var part = ExpectMsg<ObjectNews>(Bound);
            Assert.InRange(part.Changed.Sum(o => o.Json.Length), 1, FeedNews.MessageSize);
            Assert.Equal(number, part.Part);
            names.AddRange(part.Changed.Select(o => o.Name));
            parts = part.Parts;
            Assert.InRange(parts, 2, 12);
            if (number < parts)
            {
                // What comes meanwhile does not change the whole that was begun.
                await MakeAsync("Service", $"late{number}", "x");
                Assert.Equal(number - 1, ExpectMsg<ObjectNews>(Bound).From);
                feed.Tell(new FollowServices(new FeedPosition("three", 0, number + 1)), TestActor);
            }
        }

        Assert.Equal(12, names.Distinct().Count());
        Assert.Equal(12, names.Count);

        // And is told to whoever asks with it.
        feed.Tell(new FollowServices(new FeedPosition("three", 0)), TestActor);
        Assert.Equal("late1", Assert.Single(ExpectMsg<ObjectNews>(Bound).Changed).Name);
    }

    private IActorRef Start(string source) => Sys.ActorOf(ServiceFeedActor.Props(Fed.Cache, source));

    private async Task MakeAsync(string kind, string name, string note) => await Fed.CreateAsync(
        $$"""{"apiVersion":"v1","kind":"{{kind}}","metadata":{"name":"{{name}}","namespace":"default","uid":"{{name}}","annotations":{"note":"{{note}}"} },"spec":{"clusterIP":"10.96.0.9","ports":[{"port":80}]} }""");
}
