using Orchestrator.Actors.Feed;
using Orchestrator.Actors.Kinds.Ingresses;
using Orchestrator.Actors.Kinds.Secrets;
using Orchestrator.Tests.Kit;

namespace Orchestrator.Tests.Kinds.Ingresses;

/// <summary>The feed of Ingresses between a cache and agents that follow it: they learn of no Secrets but the certificates.</summary>
public sealed class IngressFeedActorSpec() : FedCacheSpec("")
{
    private const string Pair = """{"tls.crt":"eA==","tls.key":"eA=="}""";

    [Fact]
    public async Task Agents_get_the_Ingresses_of_our_classes_and_their_certificates_and_then_what_changes()
    {
        await ClassAsync("ours", IngressClassesController);
        await ClassAsync("theirs", "example.com/other");
        await SecretAsync("cert", Pair);
        await SecretAsync("theirs", Pair);
        await SecretAsync("password", """{"password":"eA=="}""");
        await IngressAsync("web", "ours", "cert", "password");
        await IngressAsync("other", "theirs", "theirs");
        var feed = Sys.ActorOf(IngressFeedActor.Props(Fed.Cache, "one"));
        feed.Tell(new FollowIngresses(FeedPosition.None), TestActor);
        var whole = ExpectMsg<ObjectNews>(Bound);
        Assert.Equal(["cert", "web"], whole.Changed.Select(o => o.Name).Order());
        Assert.Equal(ObjectNews.Whole, whole.From);

        // A Secret that is nobody's certificate is nothing to tell.
        await SecretAsync("elsewhere", Pair);
        await SecretAsync("cert", """{"tls.crt":"eQ==","tls.key":"eA=="}""");
        var changed = ExpectMsg<ObjectNews>(Bound);
        Assert.Equal(((0L, 1L), "cert"), ((changed.From, changed.Version), changed.Changed.Single().Name));

        // What is named later is told with who names it.
        await IngressAsync("web", "ours", "elsewhere");
        var next = ExpectMsg<ObjectNews>(Bound);
        Assert.Equal(["elsewhere", "web"], next.Changed.Select(o => o.Name).Order());
        Assert.Equal(["cert"], next.Gone.Select(g => g.Key.Name));
        await Fed.DeleteAsync(SecretDefinition.Instance.Key("default", "elsewhere"));
        Assert.Equal(["elsewhere"], ExpectMsg<ObjectNews>(Bound).Gone.Select(g => g.Key.Name));
    }

    [Fact]
    public async Task A_class_that_changes_hands_takes_its_Ingresses_with_it()
    {
        await ClassAsync("ours", IngressClassesController);
        await IngressAsync("web", "ours");
        var feed = Sys.ActorOf(IngressFeedActor.Props(Fed.Cache, "two"));
        feed.Tell(new FollowIngresses(FeedPosition.None), TestActor);
        Assert.Equal(["web"], ExpectMsg<ObjectNews>(Bound).Changed.Select(o => o.Name));
        feed.Tell(new FollowIngresses(new FeedPosition("two", 0)), TestActor);
        await Fed.DeleteAsync(Orchestrator.Actors.Kinds.IngressClasses.IngressClassDefinition.Instance.Key(null, "ours"));
        var gone = ExpectMsg<ObjectNews>(Bound);
        Assert.Equal(("web", true), (gone.Gone.Single().Key.Name, gone.Gone.Single().Revision > 2));
        await ClassAsync("ours", IngressClassesController);
        Assert.Equal(["web"], ExpectMsg<ObjectNews>(Bound).Changed.Select(o => o.Name));
    }

    private const string IngressClassesController = "orchestrator.io/ingress";

    private Task ClassAsync(string name, string controller) => Fed.CreateAsync(
        $$"""{"apiVersion":"networking.k8s.io/v1","kind":"IngressClass","metadata":{"name":"{{name}}","uid":"{{name}}"},"spec":{"controller":"{{controller}}"} }""");

    private Task SecretAsync(string name, string data) => Fed.CreateAsync(
        $$"""{"apiVersion":"v1","kind":"Secret","metadata":{"name":"{{name}}","namespace":"default","uid":"{{name}}"},"data":{{data}} }""");

    private Task IngressAsync(string name, string ofClass, params string[] secrets) => Fed.CreateAsync($$"""
        {"apiVersion":"networking.k8s.io/v1","kind":"Ingress","metadata":{"name":"{{name}}","namespace":"default","uid":"{{name}}"},"spec":{"ingressClassName":"{{ofClass}}",
         "tls":[{{string.Join(',', secrets.Select(s => $"{{\"hosts\":[\"a.com\"],\"secretName\":\"{s}\"}}"))}}]} }
        """);
}
