using Akka.Actor;
using Akka.TestKit.Xunit2;
using Orchestrator.Actors.Api;
using Orchestrator.Actors.Entities;
using Orchestrator.Tests.Kit;

namespace Orchestrator.Tests.Entities;

public sealed class WakerActorSpec : TestKit, IAsyncLifetime
{
    private static readonly TimeSpan Bound = TimeSpan.FromSeconds(20);
    private FedCache _fed = null!;

    public async Task InitializeAsync() => _fed = await FedCache.StartAsync();

    public async Task DisposeAsync() => await _fed.DisposeAsync();

    [Fact]
    public async Task All_that_act_are_woken_at_the_start()
    {
        await ReplicaSetAsync("a");
        await _fed.CreateAsync("""{"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"c","namespace":"default","uid":"c"}}""");
        await StartAsync();
        Assert.Equal("a", ExpectMsg<WakeObject>(Bound).Key.Name);
        Assert.False(HasMessages);
    }

    [Fact]
    public async Task A_pod_wakes_its_owner_and_the_owners_owner_once_a_batch()
    {
        await StartAsync();
        await ReplicaSetAsync("a", owner: "d");
        Assert.Equal(["deployments.apps/default/d"], Woken(1));
        await PodAsync("p", owner: "a");
        Assert.Equal(["deployments.apps/default/d", "replicasets.apps/default/a"], Woken(2));
    }

    [Fact]
    public async Task What_nobody_owns_wakes_those_that_may_adopt_it_in_its_namespace()
    {
        await StartAsync();
        await ReplicaSetAsync("a", owner: "d");
        await ReplicaSetAsync("b", owner: "d", ns: "other");
        await _fed.CreateAsync("""{"apiVersion":"apps/v1","kind":"Deployment","metadata":{"name":"d","namespace":"default","uid":"d"}}""");
        Woken(2);
        await PodAsync("stray");
        Assert.Equal(["replicasets.apps/default/a"], Woken(1));
        await ReplicaSetAsync("stray");
        Assert.Equal(["deployments.apps/default/d"], Woken(1));
    }

    [Fact]
    public async Task After_it_stopped_it_wakes_nobody()
    {
        var waker = await StartAsync();
        Watch(waker);
        Sys.Stop(waker);
        ExpectTerminated(waker, Bound);
        await PodAsync("p", owner: "a");
        Assert.False(HasMessages);
    }

    private async Task<IActorRef> StartAsync()
    {
        var acting = new HashSet<string> { Kinds.ReplicaSet.Resource, Kinds.Deployment.Resource };
        var waker = Sys.ActorOf(WakerActor.Props(_fed.Cache, acting, () => TestActor));
        await waker.Ask<ActorIdentity>(new Identify(null), Bound);
        return waker;
    }

    private string[] Woken(int count) => [.. Enumerable.Range(0, count).Select(_ => ExpectMsg<WakeObject>(Bound).Key.PersistenceId).Order(StringComparer.Ordinal)];

    private Task<KubeObject?> PodAsync(string name, string? owner = null) => ObjectAsync("v1", "Pod", name, owner is null ? null : ("ReplicaSet", owner), "default");

    private Task<KubeObject?> ReplicaSetAsync(string name, string? owner = null, string ns = "default") =>
        ObjectAsync("apps/v1", "ReplicaSet", name, owner is null ? null : ("Deployment", owner), ns);

    private Task<KubeObject?> ObjectAsync(string version, string kind, string name, (string Kind, string Name)? owner, string ns)
    {
        var owners = owner is { } o ? $$"""{"apiVersion":"apps/v1","kind":"{{o.Kind}}","name":"{{o.Name}}","uid":"{{o.Name}}","controller":true}""" : "";
        return _fed.CreateAsync($$"""{"apiVersion":"{{version}}","kind":"{{kind}}","metadata":{"name":"{{name}}","namespace":"{{ns}}","uid":"{{ns}}-{{kind}}-{{name}}","ownerReferences":[{{owners}}]} }""");
    }
}
