using System.Text.Json.Nodes;
using Orchestrator.Actors.Api;
using Orchestrator.Actors.Entities;
using Orchestrator.Actors.Kinds.IPAddresses;
using Orchestrator.Actors.Kinds.Services;
using Orchestrator.Actors.Reconcile;
using Orchestrator.Tests.Kit;

namespace Orchestrator.Tests.Kinds.Services;

/// <summary>What load balancers are given.</summary>
public sealed class BalancerPlanSpec : IAsyncLifetime
{
    private static readonly LoadBalancing Pool = LoadBalancing.Of("192.0.2.1-192.0.2.2");
    private FedCache _cache = null!;

    public async Task InitializeAsync() => _cache = await FedCache.StartAsync();

    public async Task DisposeAsync() => await _cache.DisposeAsync();

    [Fact]
    public async Task They_have_the_addresses_of_the_nodes_that_are_ready_the_outer_ones_first()
    {
        await NodeAsync("a", """[{"type":"InternalIP","address":"10.9.0.1"},{"type":"ExternalIP","address":"198.51.100.1"}]""");
        await NodeAsync("b", """[{"type":"InternalIP","address":"10.9.0.2"}]""");
        await NodeAsync("c", """[{"type":"InternalIP","address":"10.9.0.3"}]""", ready: "False");
        await NodeAsync("d", """[{"type":"InternalIP","address":"10.9.0.4"}]""", labels: """{"node.kubernetes.io/exclude-from-external-load-balancers":""}""");
        var web = await ServiceAsync("web");
        Assert.Equal("10.9.0.2 198.51.100.1", Given(Plan(web, LoadBalancing.Nodes)));
        Assert.Equal([web.Key], BalancerPlan.Wake.Woken(new WakeConcern("", ""), _cache.Cache));

        var given = (await _cache.ChangeAsync(web.Key, """{"status":{"loadBalancer":{"ingress":[{"ip":"10.9.0.2"},{"ip":"198.51.100.1"}]}}}"""))!;
        Assert.Empty(Plan(given, LoadBalancing.Nodes).Commands);
    }

    [Fact]
    public async Task What_is_to_stay_on_a_node_has_the_addresses_of_nodes_with_its_pods()
    {
        await NodeAsync("a", """[{"type":"InternalIP","address":"10.9.0.1"}]""");
        await NodeAsync("b", """[{"type":"InternalIP","address":"10.9.0.2"}]""");
        await _cache.CreateAsync("""
            { "apiVersion": "v1", "kind": "Pod", "metadata": { "name": "p", "namespace": "default", "uid": "p", "labels": { "app": "web" } }, "spec": { "nodeName": "b", "containers": [ { "name": "c", "image": "i" } ] },
              "status": { "phase": "Running", "podIP": "10.244.0.7", "conditions": [ { "type": "Ready", "status": "True", "lastTransitionTime": "2026-01-01T00:00:00Z" } ] } }
            """);
        Assert.Equal("10.9.0.2", Given(Plan(await ServiceAsync("web", ""","externalTrafficPolicy":"Local" """), LoadBalancing.Nodes)));

        // One that selects none has no pods.
        var bare = (await _cache.ChangeAsync(ServiceDefinition.Instance.Key("default", "web"), """{"spec":{"selector":null}}"""))!;
        var plan = Plan(bare, LoadBalancing.Nodes);
        Assert.Empty(plan.Commands);
        Assert.Contains("no node has a pod of the Service that is ready", Assert.Single(plan.Findings).Event.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(""" "IPv4" """, "Cluster", "10.9.0.1 10.9.0.2")]
    [InlineData(""" "IPv6" """, "Cluster", "fd00:9::1 fd00:9::2")]
    [InlineData(""" "IPv4", "IPv6" """, "Cluster", "10.9.0.1 10.9.0.2 fd00:9::1 fd00:9::2")]
    [InlineData(""" "IPv4", "IPv6" """, "Local", "10.9.0.1 10.9.0.2 fd00:9::2")]
    public async Task They_have_addresses_of_their_families_where_there_are_pods_of_these(string families, string policy, string given)
    {
        await NodeAsync("a", """[{"type":"InternalIP","address":"10.9.0.1"},{"type":"InternalIP","address":"fd00:9::1"}]""");
        await NodeAsync("b", """[{"type":"InternalIP","address":"10.9.0.2"},{"type":"InternalIP","address":"fd00:9::2"}]""");
        foreach (var (node, ips) in new[] { ("a", """{"ip":"10.244.0.7"}"""), ("b", """{"ip":"10.244.1.7"},{"ip":"fd00:244::7"}""") })
        {
            await _cache.CreateAsync($$"""
                { "apiVersion": "v1", "kind": "Pod", "metadata": { "name": "p{{node}}", "namespace": "default", "uid": "p{{node}}", "labels": { "app": "web" } }, "spec": { "nodeName": "{{node}}", "containers": [ { "name": "c", "image": "i" } ] },
                  "status": { "phase": "Running", "podIP": "10.244.{{(node == "a" ? 0 : 1)}}.7", "podIPs": [ {{ips}} ], "conditions": [ { "type": "Ready", "status": "True", "lastTransitionTime": "2026-01-01T00:00:00Z" } ] } }
                """);
        }

        Assert.Equal(given, Given(Plan(await ServiceAsync("web", $$""","ipFamilies":[{{families}}],"externalTrafficPolicy":"{{policy}}" """), LoadBalancing.Nodes)));
    }

    [Theory]
    [InlineData(""" "IPv4", "IPv6" """, "192.0.2.1 2001:db8::1", "")]
    [InlineData(""" "IPv6" """, "2001:db8::1", "")]
    [InlineData(""" "IPv6", "IPv4" """, "2001:db8::2 192.0.2.1", "2001:DB8::2")]
    public async Task Of_a_pool_they_have_an_address_of_each_family(string families, string expected, string asked)
    {
        var pool = LoadBalancing.Of("192.0.2.1-192.0.2.2, 2001:db8::1-2001:db8::2");
        var web = await ServiceAsync("web", $$""","ipFamilies":[{{families}}]{{(asked.Length > 0 ? $",\"loadBalancerIP\":\"{asked}\"" : "")}}""");
        var reserves = Plan(web, pool).Commands.Cast<CreateObject>().ToList();
        Assert.Equal(expected, string.Join(' ', reserves.Select(r => r.Key.Name)));
        foreach (var reserve in reserves)
        {
            await ReserveAsync(reserve);
        }

        Assert.Equal(expected, Given(Plan(web, pool)));
        Assert.Contains("no addresses of IPv6", Assert.Single(Plan(await ServiceAsync("six", ""","ipFamilies":["IPv6"]"""), Pool).Findings).Event.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("\"ClusterIP\"", "")]
    [InlineData("\"LoadBalancer\"", ""","loadBalancerClass":"example.com/other" """)]
    public async Task Others_are_left_alone(string type, string more)
    {
        await NodeAsync("a", """[{"type":"InternalIP","address":"10.9.0.1"}]""");
        var service = await ServiceAsync("web", more, type);
        Assert.Empty(Plan(service, LoadBalancing.Nodes).Commands);
        Assert.Empty(Plan(service, Pool).Commands);
    }

    [Fact]
    public async Task An_address_of_a_pool_is_reserved_before_it_is_given_and_the_next_is_tried_if_it_is_taken()
    {
        var web = await ServiceAsync("web");
        var reserve = Assert.IsType<CreateObject>(Assert.Single(Plan(web, Pool).Commands));
        Assert.Equal("192.0.2.1", reserve.Key.Name);
        var next = Assert.IsType<CreateObject>(Assert.Single(Plan(web, Pool, new RejectedCommand(reserve, new ApiError(ApiReason.AlreadyExists, ""))).Commands));
        Assert.Equal("192.0.2.2", next.Key.Name);
        await ReserveAsync(next);
        var plan = Plan(web, Pool);
        Assert.Equal("192.0.2.2", Given(plan));
        var status = Assert.IsType<MergeObject>(Assert.Single(plan.Commands)).Patch["status"]!;
        Assert.Equal("VIP", (string?)status["loadBalancer"]!["ingress"]![0]!["ipMode"]);
        var given = (await _cache.ChangeAsync(web.Key, new JsonObject { ["status"] = status.DeepClone() }.ToJsonString()))!;
        Assert.Contains(next.Key, ServiceReservations.Of(given));
        Assert.Empty(Plan(given, Pool).Commands);
    }

    [Fact]
    public async Task When_all_are_in_use_an_event_says_so()
    {
        foreach (var (name, address) in new[] { ("a", "192.0.2.1"), ("b", "192.0.2.2") })
        {
            await ServiceAsync(name);
            var key = IPAddressDefinition.Instance.Key(null, address);
            await ReserveAsync(new CreateObject(key, ServiceReservations.Create(key, ServiceDefinition.Instance.Key("default", name)), "test"));
        }

        var plan = Plan(await ServiceAsync("web"), Pool);
        Assert.Equal("AllocationFailed", Assert.Single(plan.Findings).Event.Reason);
        Assert.NotNull(plan.RecheckAfter);
    }

    [Theory]
    [InlineData("192.0.2.2", "192.0.2.2", null)]
    [InlineData("192.0.2.3", null, "is not an address of the setting")]
    [InlineData("192.0.2.1", null, "in use by another")]
    public async Task An_address_may_be_asked_for(string asked, string? reserved, string? finding)
    {
        await ServiceAsync("other");
        var key = IPAddressDefinition.Instance.Key(null, "192.0.2.1");
        await ReserveAsync(new CreateObject(key, ServiceReservations.Create(key, ServiceDefinition.Instance.Key("default", "other")), "test"));
        var plan = Plan(await ServiceAsync("web", $$""","loadBalancerIP":"{{asked}}" """), Pool);
        Assert.Equal(reserved, plan.Commands.OfType<CreateObject>().SingleOrDefault()?.Key.Name);
        Assert.Equal(finding is null ? 0 : 1, plan.Findings.Count(f => f.Event.Message.Contains(finding ?? "", StringComparison.Ordinal)));
    }

    private static string Given(ControllerPlan plan) =>
        string.Join(' ', Assert.IsType<MergeObject>(Assert.Single(plan.Commands)).Patch["status"]!["loadBalancer"]!["ingress"]!.AsArray().Select(i => (string?)i!["ip"]));

    private ControllerPlan Plan(KubeObject service, LoadBalancing balancing, params RejectedCommand[] rejected) =>
        BalancerPlan.For(service, service.As<k8s.Models.V1Service>(), balancing, OuterPorts.TakenFrom(service, balancing, _cache.Cache), _cache.Cache, new PlanContext(DateTimeOffset.UnixEpoch, 1, () => "x", [.. rejected]));

    private async Task ReserveAsync(CreateObject reserve)
    {
        var node = (JsonObject)reserve.Object.DeepClone();
        node["metadata"]!["uid"] = reserve.Key.Name;
        await _cache.CreateAsync(node.ToJsonString());
    }

    private async Task<KubeObject> ServiceAsync(string name, string more = "", string type = "\"LoadBalancer\"") => (await _cache.CreateAsync($$"""
        { "apiVersion": "v1", "kind": "Service", "metadata": { "name": "{{name}}", "namespace": "default", "uid": "{{name}}" }, "spec": { "type": {{type}}, "selector": { "app": "web" }, "ports": [ { "port": 80 } ]{{more}} } }
        """))!;

    private async Task NodeAsync(string name, string addresses, string ready = "True", string labels = "{}") => await _cache.CreateAsync($$"""
        { "apiVersion": "v1", "kind": "Node", "metadata": { "name": "{{name}}", "uid": "{{name}}", "labels": {{labels}} }, "status": { "addresses": {{addresses}}, "conditions": [ { "type": "Ready", "status": "{{ready}}" } ] } }
        """);
}
