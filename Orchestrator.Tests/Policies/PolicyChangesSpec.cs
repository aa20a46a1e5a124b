using Orchestrator.Actors.Kinds.Namespaces;
using Orchestrator.Actors.Kinds.NetworkPolicies;
using Orchestrator.Actors.Kinds.Pods;

namespace Orchestrator.Tests.Policies;

/// <summary>What changes while policies are in force, by packets.</summary>
[Collection(nameof(PolicyWorlds))]
public sealed class PolicyChangesSpec(PolicyWorld world)
{
    [Fact]
    public async Task An_open_connection_stays_and_a_new_one_meets_the_policy()
    {
        using var open = await world.Pods.ConnectAsync(world.NetworkOf("z/a"), world.AddressOf("x/a"), 80);
        Assert.Equal("x/a", await world.Pods.SayAsync(open));
        await PutAsync("x", """{"podSelector":{},"policyTypes":["Ingress","Egress"]}""");
        Assert.Equal("x/a", await world.Pods.SayAsync(open));
        Assert.False(await world.TryAsync("z/a", "x/a", "80", isExpected: false));
        await RemoveAsync("x");
        Assert.True(await world.TryAsync("z/a", "x/a", "80", isExpected: true));
    }

    [Fact]
    public async Task A_connection_of_a_pod_that_no_policy_has_selected_stays_when_one_does()
    {
        var late = await world.BeginAsync("z/late");
        using var open = await world.Pods.ConnectAsync(world.NetworkOf("z/a"), late.Address.ToString(), 80);
        Assert.Equal("z/late", await world.Pods.SayAsync(open));
        await PutAsync("z", """{"podSelector":{"matchLabels":{"pod":"late"}}}""");
        await world.InForceAsync("z/late");
        Assert.Equal("z/late", await world.Pods.SayAsync(open));
        Assert.Equal("silent", await world.Pods.AskAsync(world.NetworkOf("z/a"), late.Address.ToString(), 80, TimeSpan.FromMilliseconds(250)));
        await RemoveAsync("z");
        await world.EndAsync("z/late");
    }

    [Fact]
    public async Task Labels_of_pods_and_namespaces_count_as_they_are_now()
    {
        await PutAsync("x", """{"podSelector":{"matchLabels":{"pod":"a"}},"ingress":[{"from":[{"namespaceSelector":{"matchLabels":{"env":"test"}},"podSelector":{"matchLabels":{"is":"new"}}}]}]}""");
        Assert.False(await world.TryAsync("z/a", "x/a", "80", isExpected: false));
        await world.Fed.ChangeAsync(NamespaceDefinition.Instance.Key(null, "z"), """{"metadata":{"labels":{"env":"test"}}}""");
        await world.ChangeAsync(() => world.Fed.ChangeAsync(PodDefinition.Instance.Key("z", "a"), """{"metadata":{"labels":{"is":"new"}}}"""));
        Assert.True(await world.TryAsync("z/a", "x/a", "80", isExpected: true));
        await world.ChangeAsync(() => world.Fed.ChangeAsync(NamespaceDefinition.Instance.Key(null, "z"), """{"metadata":{"labels":{"env":null}}}"""));
        Assert.False(await world.TryAsync("z/a", "x/a", "80", isExpected: false));
        await RemoveAsync("x");
    }

    [Fact]
    public async Task A_policy_that_changes_counts_as_it_is_now_and_the_rules_are_those_of_a_new_agent()
    {
        await PutAsync("y", """{"podSelector":{},"ingress":[{"ports":[{"port":80}]}]}""");
        Assert.False(await world.TryAsync("z/a", "y/a", "81", isExpected: false));
        await world.ChangeAsync(() => world.Fed.ChangeAsync(Key("y"), """{"spec":{"ingress":[{"ports":[{"port":81}],"from":[{"namespaceSelector":{}}]}]}}"""));
        Assert.True(await world.TryAsync("z/a", "y/a", "81", isExpected: true));
        Assert.False(await world.TryAsync("z/a", "y/a", "80", isExpected: false));
        var changed = await world.Pods.TableAsync(world.Pods.Names.PolicyTable);
        await world.RestartAsync();
        Assert.Equal(changed, await world.Pods.TableAsync(world.Pods.Names.PolicyTable));
        await RemoveAsync("y");
    }

    [Fact]
    public async Task What_an_earlier_agent_left_and_nobody_knows_is_cut_off_if_there_are_policies_at_all()
    {
        await PutAsync("z", """{"podSelector":{}}""");
        var left = await world.Pods.AddAsync("left");
        await world.Pods.ServeAsync(left, "left", 80);
        Assert.Equal("left", await world.Pods.AskAsync(null, left.Address.ToString(), 80));
        await world.RestartAsync();
        Assert.Equal("silent", await world.Pods.AskAsync(world.NetworkOf("y/a"), left.Address.ToString(), 80, TimeSpan.FromMilliseconds(250)));
        await world.Pods.Network.RemoveAsync("left", world.Pods.Ends);
        await RemoveAsync("z");
    }

    private static Orchestrator.Actors.Api.ObjectKey Key(string ns) => NetworkPolicyDefinition.Instance.Key(ns, "p");

    private Task PutAsync(string ns, string spec) => world.ChangeAsync(() => world.Fed.CreateAsync(
        $$"""{ "apiVersion": "networking.k8s.io/v1", "kind": "NetworkPolicy", "metadata": { "namespace": "{{ns}}", "name": "p", "uid": "p" }, "spec": {{spec}} }"""));

    private Task RemoveAsync(string ns) => world.ChangeAsync(() => world.Fed.DeleteAsync(Key(ns)));
}
