using Akka.Actor;
using Orchestrator.Actors.Api;
using Orchestrator.Actors.Entities;
using Orchestrator.Actors.Kinds.Deployments;
using Orchestrator.Actors.Kinds.ReplicaSets;
using Orchestrator.Actors.Reconcile;
using Orchestrator.Tests.Kit;

namespace Orchestrator.Tests.Reconcile;

public sealed class ReconcileTriggerActorSpec : FedCacheSpec
{
    [Fact]
    public async Task All_that_act_are_woken_at_the_start()
    {
        await ReplicaSetAsync("a");
        await Fed.CreateAsync("""{"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"c","namespace":"default","uid":"c"}}""");
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
        await Fed.CreateAsync("""{"apiVersion":"apps/v1","kind":"Deployment","metadata":{"name":"d","namespace":"default","uid":"d"}}""");
        Woken(2);
        await PodAsync("stray");
        Assert.Equal(["replicasets.apps/default/a"], Woken(1));
        await ReplicaSetAsync("stray");
        Assert.Equal(["deployments.apps/default/d"], Woken(1));
    }

    [Fact]
    public async Task An_entity_is_woken_when_itsTime_has_come_at_the_earliest_that_it_asked_for()
    {
        var trigger = await StartAsync();
        foreach (var (name, seconds) in new[] { ("late", 300), ("soon", 20), ("late", 400), ("twice", 200), ("twice", 100) })
        {
            trigger.Tell(new ReconcileAfter(DeploymentDefinition.Instance.Key("default", name), TimeSpan.FromSeconds(seconds)));
        }

        foreach (var (name, at) in new[] { ("soon", 20), ("twice", 100), ("late", 300) })
        {
            await PassedAsync(trigger, at - 1);
            Assert.False(HasMessages);
            await PassedAsync(trigger, at);
            Assert.Equal(name, ExpectMsg<WakeObject>(Bound).Key.Name);
        }

        await PassedAsync(trigger, 1000);
        Assert.False(HasMessages);
    }

    [Fact]
    public async Task All_that_act_are_woken_again_a_few_at_aTime_without_any_event()
    {
        for (var i = 0; i < 400; i++)
        {
            await ReplicaSetAsync($"rs-{i}", owner: "d");
        }

        var trigger = await StartAsync();
        Assert.Equal(400, Woken(400).Distinct().Count());
        var step = TimeSpan.FromSeconds(5);
        await Time.PassAsync(Sys, SlowPass.Length - step, trigger);
        Assert.False(HasMessages);
        var woken = new HashSet<string>();
        for (var passed = TimeSpan.Zero; passed < SlowPass.Length; passed += step)
        {
            await Time.PassAsync(Sys, step, trigger);
            var before = woken.Count;
            while (HasMessages)
            {
                woken.Add(ExpectMsg<WakeObject>(Bound).Key.Name);
            }

            Assert.InRange(woken.Count - before, 0, 3);
        }

        Assert.Equal(400, woken.Count);
    }

    [Fact]
    public async Task After_it_stopped_it_wakes_nobody()
    {
        var trigger = await StartAsync();
        Watch(trigger);
        Sys.Stop(trigger);
        ExpectTerminated(trigger, Bound);
        await PodAsync("p", owner: "a");
        Assert.False(HasMessages);
    }

    // So many seconds since the start.
    private Task PassedAsync(IActorRef trigger, int seconds)
    {
        var passed = Time.Clock.GetUtcNow() - Time.Clock.Start;
        return Time.PassAsync(Sys, TimeSpan.FromSeconds(seconds) - passed, trigger);
    }

    private async Task<IActorRef> StartAsync()
    {
        var trigger = Sys.ActorOf(ReconcileTriggerActor.Props(Fed.Cache, [new ReplicaSetController(), new DeploymentController()], () => TestActor, Time.Clock));
        await trigger.Ask<ActorIdentity>(new Identify(null), Bound);
        return trigger;
    }

    private string[] Woken(int count) => [.. Enumerable.Range(0, count).Select(_ => ExpectMsg<WakeObject>(Bound).Key.PersistenceId).Order(StringComparer.Ordinal)];

    private Task<KubeObject?> PodAsync(string name, string? owner = null) => ObjectAsync("v1", "Pod", name, owner is null ? null : ("ReplicaSet", owner), "default");

    private Task<KubeObject?> ReplicaSetAsync(string name, string? owner = null, string ns = "default") =>
        ObjectAsync("apps/v1", "ReplicaSet", name, owner is null ? null : ("Deployment", owner), ns);

    private Task<KubeObject?> ObjectAsync(string version, string kind, string name, (string Kind, string Name)? owner, string ns)
    {
        var owners = owner is { } o ? $$"""{"apiVersion":"apps/v1","kind":"{{o.Kind}}","name":"{{o.Name}}","uid":"{{o.Name}}","controller":true}""" : "";
        return Fed.CreateAsync($$"""{"apiVersion":"{{version}}","kind":"{{kind}}","metadata":{"name":"{{name}}","namespace":"{{ns}}","uid":"{{ns}}-{{kind}}-{{name}}","ownerReferences":[{{owners}}]} }""");
    }
}
