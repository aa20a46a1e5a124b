using Orchestrator.Actors.Api;
using Orchestrator.Actors.Kinds.Services;
using Orchestrator.Actors.Reconcile;
using Orchestrator.Tests.Kit;

namespace Orchestrator.Tests.Kinds.Services;

/// <summary>Whose the ports of outer addresses are. A service is written as its name, the second of its creation, its ports, and its <c>externalIPs</c> or none for a load balancer.</summary>
public sealed class OuterPortsSpec : IAsyncLifetime
{
    private FedCache _cache = null!;

    public async Task InitializeAsync()
    {
        _cache = await FedCache.StartAsync();
        foreach (var name in new[] { "1", "2" })
        {
            await _cache.CreateAsync($$"""
                { "apiVersion": "v1", "kind": "Node", "metadata": { "name": "{{name}}", "uid": "{{name}}" },
                  "status": { "addresses": [ { "type": "InternalIP", "address": "10.9.0.{{name}}" } ], "conditions": [ { "type": "Ready", "status": "True" } ] } }
                """);
        }
    }

    public async Task DisposeAsync() => await _cache.DisposeAsync();

    [Theory]
    [InlineData("a 1 80; b 2 80", "b", "10.9.0.1 10.9.0.2 80/TCP a")]
    [InlineData("a 2 80; b 1 80", "b", "")]
    [InlineData("b 1 80; a 1 80", "b", "10.9.0.1 10.9.0.2 80/TCP a")]
    [InlineData("a 1 80; b 2 81", "b", "")]
    [InlineData("a 1 80; b 2 80/UDP", "b", "")]
    [InlineData("a 1 80; b 2 80,81", "b", "10.9.0.1 10.9.0.2 80/TCP a")]
    [InlineData("a 1 80 10.9.0.1; b 2 80,81", "b", "10.9.0.1 80/TCP a")]
    [InlineData("a 1 80; b 2 80,81 10.9.0.1,192.0.2.7", "b", "10.9.0.1 80/TCP a")]
    [InlineData("a 1 80 192.0.2.7; b 2 80 192.0.2.7", "b", "192.0.2.7 80/TCP a")]
    [InlineData("a 1 80 2001:db8::7; b 2 80 2001:db8::7", "b", "")]
    [InlineData("a 1 80; b 2 80,81; c 3 81", "c", "")]
    [InlineData("a 1 80 192.0.2.7; b 2 80,81 192.0.2.7; c 3 81 192.0.2.7", "c", "192.0.2.7 81/TCP b")]
    public async Task A_port_is_that_of_the_oldest(string services, string of, string taken)
    {
        foreach (var service in services.Split("; "))
        {
            await ServiceAsync(service.Split(' '));
        }

        var found = OuterPorts.TakenFrom(Find(of), LoadBalancing.Nodes, _cache.Cache);
        Assert.Equal(taken, string.Join("; ", found.GroupBy(t => (t.Port, t.Owner.Name)).Select(g => $"{string.Join(' ', g.Select(t => t.Address))} {g.Key.Port} {g.Key.Name}")));
    }

    [Fact]
    public async Task A_load_balancer_without_its_port_has_no_address_and_an_event_until_the_port_is_free()
    {
        await ServiceAsync("a", "1", "80");
        await ServiceAsync("b", "2", "80,81");
        var plan = Plan("b");
        Assert.DoesNotContain(plan.Commands, c => c is Orchestrator.Actors.Entities.MergeObject { Verb: "balanced" });
        Assert.Equal("PortTaken Port 80/TCP of 10.9.0.1, 10.9.0.2 belongs to service default/a, which is older: choose another port or have its owner delete it", $"{plan.Findings.Single().Event.Reason} {plan.Findings.Single().Event.Message}");
        var gone = Find("a");
        await _cache.DeleteAsync(gone.Key);
        Assert.Equal(["b"], Woken(gone, LoadBalancing.Nodes));
        Assert.Contains(Plan("b").Commands, c => c is Orchestrator.Actors.Entities.MergeObject { Verb: "balanced" });
        Assert.Empty(Plan("b").Findings);
    }

    [Fact]
    public async Task An_address_out_of_the_pool_is_whose_it_was_given_and_not_whose_who_named_it_before()
    {
        var pool = LoadBalancing.Of("192.0.2.0/28");
        await ServiceAsync("a", "1", "80", "192.0.2.7");
        await ServiceAsync("b", "2", "80");
        await _cache.ChangeAsync(Find("b").Key, """{ "status": { "loadBalancer": { "ingress": [ { "ip": "192.0.2.7", "ipMode": "VIP" } ] } } }""");
        Assert.Empty(OuterPorts.TakenFrom(Find("b"), pool, _cache.Cache));
        var taken = OuterPorts.TakenFrom(Find("a"), pool, _cache.Cache);
        Assert.Contains("belongs to service default/b, to which the address was given", OuterPorts.Found(taken).Single().Event.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Only_those_are_woken_that_may_meet()
    {
        await ServiceAsync("a", "1", "80", "192.0.2.7");
        await ServiceAsync("b", "1", "80,81", "192.0.2.7,192.0.2.8");
        await ServiceAsync("c", "1", "80", "192.0.2.9");
        await ServiceAsync("d", "1", "81");
        Assert.Equal(["a", "b"], Woken(Find("a"), LoadBalancing.Nodes));
        Assert.Equal(["b", "d"], Woken(Find("d"), LoadBalancing.Nodes));
        Assert.Empty(Woken(Find("d"), LoadBalancing.Of("192.0.2.0/28")));
    }

    private IEnumerable<string> Woken(KubeObject changed, LoadBalancing balancing) =>
        OuterPorts.Wake(balancing) is var rule ? rule.Woken(rule.Concern(changed)!.Value, _cache.Cache).Select(k => k.Name).Order(StringComparer.Ordinal) : [];

    private ControllerPlan Plan(string name) => new ServiceController(balancing: LoadBalancing.Nodes).Plan(Find(name), _cache.Cache, new PlanContext(DateTimeOffset.UnixEpoch, 1, () => "x", []));

    private KubeObject Find(string name) => _cache.Cache.Find(ServiceDefinition.Instance.Key("default", name))!;

    private Task ServiceAsync(params string[] words)
    {
        var ports = words[2].Split(',').Select(p => p.Split('/')).Select(p => $$"""{ "port": {{p[0]}}, "protocol": "{{(p.Length > 1 ? p[1] : "TCP")}}" }""");
        var outer = words.Length > 3 ? $"\"externalIPs\": [ {string.Join(", ", words[3].Split(',').Select(a => $"\"{a}\""))} ]" : "\"type\": \"LoadBalancer\"";
        return _cache.CreateAsync($$"""
            { "apiVersion": "v1", "kind": "Service", "metadata": { "name": "{{words[0]}}", "namespace": "default", "uid": "{{words[0]}}", "creationTimestamp": "2026-01-01T00:00:0{{words[1]}}Z" },
              "spec": { "clusterIP": "10.96.0.9", {{outer}}, "ports": [ {{string.Join(", ", ports)}} ] } }
            """);
    }
}
