using System.Net;
using System.Text.Json.Nodes;
using Orchestrator.Actors.Api;
using Orchestrator.Actors.Entities;
using Orchestrator.Actors.Kinds.Endpoints;
using Orchestrator.Actors.Kinds.EndpointSlices;
using Orchestrator.Actors.Kinds.Services;
using Orchestrator.Actors.Reconcile;
using Orchestrator.Tests.Kit;

namespace Orchestrator.Tests.Kinds.Services;

/// <summary>What the controllers of Services and Endpoints plan, and what wakes them.</summary>
public sealed class ServiceControllerSpec : IAsyncLifetime
{
    private static readonly ObjectKey Web = ServiceDefinition.Instance.Key("default", "web");
    private readonly ServiceController _controller = new();
    private FedCache _cache = null!;

    public async Task InitializeAsync() => _cache = await FedCache.StartAsync();

    public async Task DisposeAsync() => await _cache.DisposeAsync();

    [Theory]
    [InlineData("", "True", "", "true/true/false", "addresses")]
    [InlineData("", "False", "", "false/false/false", "notReadyAddresses")]
    [InlineData(""","publishNotReadyAddresses":true""", "False", "", "true/false/false", "addresses")]
    [InlineData("", "True", ""","deletionTimestamp":"2026-01-01T00:00:00Z","deletionGracePeriodSeconds":30""", "false/true/true", null)]
    public async Task An_endpoint_has_the_conditions_of_its_pod(string service, string ready, string metadata, string conditions, string? list)
    {
        await ServiceAsync(service);
        await PodAsync("a", ready, metadata);
        var plan = await PlanAsync();
        var endpoint = Created(plan, EndpointSliceDefinition.Instance.Resource)["endpoints"]![0]!;
        Assert.Equal(conditions, $"{endpoint["conditions"]!["ready"]}/{endpoint["conditions"]!["serving"]}/{endpoint["conditions"]!["terminating"]}");
        Assert.Equal(("a", "uid-a", "n1", "z1"), ((string?)endpoint["targetRef"]!["name"], (string?)endpoint["targetRef"]!["uid"], (string?)endpoint["nodeName"], (string?)endpoint["zone"]));
        var subsets = Created(plan, EndpointsDefinition.Instance.Resource)["subsets"]!.AsArray();
        Assert.Equal(list, subsets.Count == 0 ? null : subsets[0]!.AsObject().First().Key);
    }

    [Theory]
    [InlineData("PreferClose", """{"forZones":[{"name":"z1"}]}""")]
    [InlineData("PreferSameZone", """{"forZones":[{"name":"z1"}]}""")]
    [InlineData("PreferSameNode", """{"forZones":[{"name":"z1"}],"forNodes":[{"name":"n1"}]}""")]
    [InlineData(null, null)]
    public async Task Endpoints_say_for_whom_they_are(string? spread, string? hints)
    {
        await ServiceAsync(spread is null ? "" : $$""","trafficDistribution":"{{spread}}" """);
        await PodAsync("a");
        Assert.Equal(hints, Created(await PlanAsync(), EndpointSliceDefinition.Instance.Resource)["endpoints"]![0]!["hints"]?.ToJsonString());
    }

    [Theory]
    [InlineData("10.96.0.0/16", "192.0.2.7", null)]
    [InlineData("10.98.0.0/16", "192.0.2.7", "10.96.0.9 is not within the setting service-cidr (10.98.0.0/16); please recreate the service")]
    [InlineData("10.96.0.0/16", "10.96.0.1", "10.96.0.1 of externalIPs is within service-cidr (10.96.0.0/16), whose addresses are of one Service each, so nothing leads there: choose an address of the outside")]
    public async Task An_address_on_the_wrong_side_of_the_range_is_told_of(string range, string outer, string? told)
    {
        await ServiceAsync($$""","externalIPs":["{{outer}}"],"externalTrafficPolicy":"Cluster","clusterIP":"10.96.0.9","clusterIPs":["10.96.0.9"],"ipFamilies":["IPv4"],"ipFamilyPolicy":"SingleStack","internalTrafficPolicy":"Cluster","sessionAffinity":"None" """);
        var plan = new ServiceController(ServiceRanges.Of(range, "30000-32767")).Plan(_cache.Cache.Find(Web)!, _cache.Cache, Context());
        Assert.Equal(told, plan.Findings.SingleOrDefault()?.Event.Message);
    }

    [Fact]
    public async Task Endpoints_of_a_service_that_asks_for_it_are_shared_among_zones()
    {
        await ServiceAsync(""","trafficDistribution":"PreferClose" """, annotations: """ "service.kubernetes.io/topology-mode":"Auto" """);
        await PodAsync("a");
        await PodAsync("b", addresses: "10.244.0.2");
        var finding = Assert.Single((await PlanAsync()).Findings);
        Assert.Equal(("Warning", "TopologyAwareHintsDisabled"), (finding.Event.Type, finding.Event.Reason));
        foreach (var node in (string[])["n1", "n2"])
        {
            var woken = Woken((await _cache.CreateAsync($$$"""
                {"apiVersion":"v1","kind":"Node","metadata":{"name":"{{{node}}}","uid":"{{{node}}}","labels":{"topology.kubernetes.io/zone":"z{{{node[1]}}}"}},
                 "status":{"allocatable":{"cpu":"4"},"conditions":[{"type":"Ready","status":"True"}]}}
                """))!);
            Assert.Equal(["web"], woken);
        }

        var plan = await PlanAsync();
        Assert.Empty(plan.Findings);
        Assert.Equal(["z1", "z2"], Created(plan, EndpointSliceDefinition.Instance.Resource)["endpoints"]!.AsArray().Select(e => (string?)e!["hints"]!["forZones"]![0]!["name"]).Order());
    }

    [Theory]
    [InlineData("80", "80")]
    [InlineData("\"http\"", "8080")]
    [InlineData("\"other\"", "")]
    public async Task A_port_is_that_of_the_pod(string target, string number)
    {
        await ServiceAsync("", target);
        await PodAsync("a");
        var ports = Created(await PlanAsync(), EndpointSliceDefinition.Instance.Resource)["ports"]!.AsArray();
        Assert.Equal(number, string.Join(',', ports.Select(p => p!["port"]!.ToString())));
    }

    [Fact]
    public async Task A_port_may_be_that_of_a_sidecar_and_not_of_a_container_that_ends()
    {
        await ServiceAsync("", "\"metrics\"");
        await PodAsync("a", spec: """
            ,"initContainers":[{"name":"s","image":"i","restartPolicy":"Always","ports":[{"name":"metrics","containerPort":9100}]},{"name":"t","image":"i","ports":[{"name":"metrics","containerPort":9200}]}]
            """);
        Assert.Equal("9100", string.Join(',', Created(await PlanAsync(), EndpointSliceDefinition.Instance.Resource)["ports"]!.AsArray().Select(p => p!["port"]!.ToString())));
    }

    [Theory]
    [InlineData(""","hostname":"db-0","subdomain":"web" """, "db-0")]
    [InlineData(""","hostname":"db-0","subdomain":"other" """, null)]
    [InlineData("", null)]
    public async Task A_pod_of_the_subdomain_has_a_name(string spec, string? name)
    {
        await ServiceAsync();
        await PodAsync("a", spec: spec);
        Assert.Equal(name, (string?)Created(await PlanAsync(), EndpointSliceDefinition.Instance.Resource)["endpoints"]![0]!["hostname"]);
    }

    [Fact]
    public async Task Endpoints_have_a_thousand_addresses_and_say_when_there_are_more()
    {
        await ServiceAsync();
        for (var i = 0; i < 1001; i++)
        {
            await PodAsync($"p{i}", i == 0 ? "False" : "True", addresses: $"10.244.{i / 250}.{i % 250 + 1}");
        }

        var plan = await PlanAsync();
        Assert.Equal(11, plan.Commands.Count(c => c.Key.Resource == EndpointSliceDefinition.Instance.Resource));
        var endpoints = Created(plan, EndpointsDefinition.Instance.Resource);
        Assert.Equal("truncated", (string?)endpoints["metadata"]!["annotations"]!["endpoints.kubernetes.io/over-capacity"]);
        Assert.Equal(1000, endpoints["subsets"]![0]!["addresses"]!.AsArray().Count);
    }

    [Fact]
    public async Task A_pod_wakes_the_services_that_select_it_and_no_others()
    {
        await ServiceAsync();
        await _cache.CreateAsync("""{"apiVersion":"v1","kind":"Service","metadata":{"name":"both","namespace":"default","uid":"u2"},"spec":{"selector":{"app":"web","tier":"back"},"ports":[{"port":80}]}}""");
        await _cache.CreateAsync("""{"apiVersion":"v1","kind":"Service","metadata":{"name":"far","namespace":"other","uid":"u3"},"spec":{"selector":{"app":"web"},"ports":[{"port":80}]}}""");
        await _cache.CreateAsync("""{"apiVersion":"v1","kind":"Service","metadata":{"name":"hand","namespace":"default","uid":"u4"},"spec":{"ports":[{"port":80}]}}""");
        var pod = await PodAsync("a");
        Assert.Equal(["web"], Woken(pod!));
        Assert.Equal(["both", "web"], Woken((await PodAsync("b", labels: """ "app":"web","tier":"back","x":"y" """))!));
        await _cache.ChangeAsync(Web, """{"spec":{"selector":{"app":"api"}}}""");
        Assert.Empty(Woken(pod!));
        Assert.Equal(["web"], Woken((await PodAsync("c", labels: """ "app":"api" """))!));
    }

    [Theory]
    [InlineData("", "IPv4 10.244.0.1,10.244.0.2", "10.244.0.1,10.244.0.2")]
    [InlineData(""","ipFamilies":["IPv4"]""", "IPv4 10.244.0.1,10.244.0.2", "10.244.0.1,10.244.0.2")]
    [InlineData(""","ipFamilies":["IPv6"]""", "IPv6 fd00:244::2,fd00:244::3", "fd00:244::2,fd00:244::3")]
    [InlineData(""","ipFamilies":["IPv4","IPv6"]""", "IPv4 10.244.0.1,10.244.0.2; IPv6 fd00:244::2,fd00:244::3", "10.244.0.1,10.244.0.2")]
    [InlineData(""","ipFamilies":["IPv6","IPv4"]""", "IPv6 fd00:244::2,fd00:244::3; IPv4 10.244.0.1,10.244.0.2", "fd00:244::2,fd00:244::3")]
    [InlineData(""","clusterIP":"fd00:96::1" """, "IPv6 fd00:244::2,fd00:244::3", "fd00:244::2,fd00:244::3")]
    public async Task Slices_have_the_addresses_of_the_families_of_the_service_and_endpoints_those_of_the_first(string spec, string slices, string endpoints)
    {
        await ServiceAsync(spec);
        await PodAsync("four", addresses: ["10.244.0.1"]);
        await PodAsync("both", addresses: ["10.244.0.2", "fd00:244::2"]);
        await PodAsync("six", addresses: ["fd00:244::3"]);
        var plan = await PlanAsync();
        Assert.Equal(slices, string.Join("; ", plan.Commands.OfType<CreateObject>().Where(c => c.Key.Resource == EndpointSliceDefinition.Instance.Resource)
            .Select(c => $"{c.Object["addressType"]} {string.Join(',', c.Object["endpoints"]!.AsArray().Select(e => (string?)e!["addresses"]![0]).Order(StringComparer.Ordinal))}")));
        Assert.Equal(endpoints, string.Join(',', Created(plan, EndpointsDefinition.Instance.Resource)["subsets"]![0]!["addresses"]!.AsArray().Select(a => (string?)a!["ip"]).Order(StringComparer.Ordinal)));
    }

    [Fact]
    public async Task Endpoints_of_both_families_are_mirrored_into_slices_of_both()
    {
        await _cache.CreateAsync("""{"apiVersion":"v1","kind":"Service","metadata":{"name":"hand","namespace":"default","uid":"u4"},"spec":{"ports":[{"port":80}]}}""");
        var endpoints = await _cache.CreateAsync("""
            {"apiVersion":"v1","kind":"Endpoints","metadata":{"name":"hand","namespace":"default","uid":"e1"},"subsets":[{"addresses":[{"ip":"2001:db8::1"},{"ip":"192.0.2.1"}],"ports":[{"port":5432}]}]}
            """);
        Assert.Equal(["IPv4 192.0.2.1", "IPv6 2001:db8::1"], new EndpointsController().Plan(endpoints!, _cache.Cache, Context()).Commands.OfType<CreateObject>()
            .Select(c => $"{c.Object["addressType"]} {c.Object["endpoints"]![0]!["addresses"]![0]}").Order());
    }

    [Fact]
    public async Task Endpoints_of_a_service_without_a_selector_are_mirrored()
    {
        await _cache.CreateAsync("""{"apiVersion":"v1","kind":"Service","metadata":{"name":"hand","namespace":"default","uid":"u4"},"spec":{"ports":[{"port":80}]}}""");
        var endpoints = await _cache.CreateAsync("""
            {"apiVersion":"v1","kind":"Endpoints","metadata":{"name":"hand","namespace":"default","uid":"e1"},
             "subsets":[{"addresses":[{"ip":"192.0.2.1"}],"notReadyAddresses":[{"ip":"192.0.2.2"}],"ports":[{"port":5432}]}]}
            """);
        var controller = new EndpointsController();
        var slice = Created(controller.Plan(endpoints!, _cache.Cache, Context()), EndpointSliceDefinition.Instance.Resource);
        Assert.Equal(["192.0.2.1", "192.0.2.2"], slice["endpoints"]!.AsArray().Select(e => (string)e!["addresses"]![0]!));
        Assert.Equal("endpointslicemirroring-controller.k8s.io", (string?)slice["metadata"]!["labels"]!["endpointslice.kubernetes.io/managed-by"]);
        await _cache.ChangeAsync(ServiceDefinition.Instance.Key("default", "hand"), """{"spec":{"selector":{"app":"web"}}}""");
        Assert.Empty(controller.Plan(endpoints!, _cache.Cache, Context()).Commands);
    }

    [Theory]
    [InlineData(179, true)]
    [InlineData(180, false)]
    public async Task A_reservation_that_no_service_has_goes_after_three_minutes(int seconds, bool stays)
    {
        var reservation = await _cache.CreateAsync("""
            {"apiVersion":"networking.k8s.io/v1","kind":"IPAddress","metadata":{"name":"10.96.0.9","uid":"r1","creationTimestamp":"1970-01-01T00:00:00Z",
             "labels":{"ipaddress.kubernetes.io/managed-by":"ipallocator.orchestrator.io"}},"spec":{"parentRef":{"resource":"services","namespace":"default","name":"web"}}}
            """);
        var controller = new ReservationController(reservation!.Kind);
        var plan = controller.Plan(reservation, _cache.Cache, Context(seconds));
        Assert.Equal(stays, plan.Commands.IsEmpty);
        Assert.Equal(stays ? TimeSpan.FromSeconds(180 - seconds) : null, plan.RecheckAfter);
        await ServiceAsync(""","clusterIP":"10.96.0.9" """);
        Assert.Empty(controller.Plan(reservation, _cache.Cache, Context(seconds)).Commands);
    }

    [Fact]
    public async Task Slices_that_others_keep_for_the_service_stay()
    {
        await ServiceAsync();
        await _cache.CreateAsync("""
            {"apiVersion":"discovery.k8s.io/v1","kind":"EndpointSlice","metadata":{"name":"theirs","namespace":"default","uid":"s1","labels":{"endpointslice.kubernetes.io/managed-by":"a.example"},
             "ownerReferences":[{"apiVersion":"v1","kind":"Service","name":"web","uid":"u1","controller":true}]},"addressType":"IPv4","endpoints":[{"addresses":["10.0.0.9"]}],"ports":[]}
            """);
        Assert.DoesNotContain((await PlanAsync()).Commands, c => c.Key.Name == "theirs");
    }

    [Fact]
    public async Task The_api_servers_that_live_are_behind_the_service_of_the_api()
    {
        var servers = new ApiServers();
        Assert.True(servers.Take(["control", ApiServers.RoleOf(new IPEndPoint(IPAddress.Parse("192.0.2.7"), 6443)), ApiServers.RoleOf(new IPEndPoint(IPAddress.Parse("192.0.2.8"), 6443))]));
        Assert.False(servers.Take(["api=192.0.2.8:6443", "api=192.0.2.7:6443"]));
        await _cache.CreateAsync("""
            {"apiVersion":"v1","kind":"Service","metadata":{"name":"kubernetes","namespace":"default","uid":"u9"},"spec":{"type":"ClusterIP","clusterIP":"10.96.0.1","ports":[{"name":"https","port":443,"targetPort":6443}]}}
            """);
        var plan = new ServiceController(null, servers).Plan(_cache.Cache.Find(ServiceDefinition.Instance.Key("default", "kubernetes"))!, _cache.Cache, Context());
        var slice = Created(plan, EndpointSliceDefinition.Instance.Resource);
        Assert.Equal(["192.0.2.7", "192.0.2.8"], slice["endpoints"]!.AsArray().Select(e => (string)e!["addresses"]![0]!));
        Assert.Equal(("https", 6443), ((string)slice["ports"]![0]!["name"]!, (int)slice["ports"]![0]!["port"]!));
    }

    [Fact]
    public async Task A_service_of_an_earlier_version_gets_an_address()
    {
        await ServiceAsync();
        var plan = new ServiceController(ServiceRanges.Default).Plan(_cache.Cache.Find(Web)!, _cache.Cache, Context());
        Assert.Equal(Web, Assert.Single(plan.Commands.OfType<ReplaceObject>()).Key);
    }

    private static JsonObject Created(ControllerPlan plan, string resource) => plan.Commands.OfType<CreateObject>().Single(c => c.Key.Resource == resource).Object;

    private static PlanContext Context(int seconds = 0) => new(DateTimeOffset.UnixEpoch.AddSeconds(seconds), 0, () => Guid.NewGuid().ToString("N")[..5], []);

    private IEnumerable<string> Woken(KubeObject pod) => _controller.WokenBy.SelectMany(r => r.Concern(pod) is { } concern ? r.Woken(concern, _cache.Cache) : []).Select(k => k.Name).Order();

    private Task<ControllerPlan> PlanAsync() => Task.FromResult(_controller.Plan(_cache.Cache.Find(Web)!, _cache.Cache, Context()));

    private async Task ServiceAsync(string spec = "", string target = "80", string annotations = "")
    {
        await _cache.CreateAsync("""{"apiVersion":"v1","kind":"Node","metadata":{"name":"n1","uid":"n1","labels":{"topology.kubernetes.io/zone":"z1"}}}""");
        await _cache.CreateAsync($$$"""
            {"apiVersion":"v1","kind":"Service","metadata":{"name":"web","namespace":"default","uid":"u1","annotations":{ {{{annotations}}} }},
             "spec":{"type":"ClusterIP","selector":{"app":"web"},"ports":[{"port":80,"protocol":"TCP","targetPort":{{{target}}}}]{{{spec}}}}}
            """);
    }

    private Task<KubeObject?> PodAsync(string name, string ready = "True", string metadata = "", string labels = """ "app":"web" """, string spec = "", params string[] addresses) => _cache.CreateAsync($$$"""
        {"apiVersion":"v1","kind":"Pod","metadata":{"name":"{{{name}}}","namespace":"default","uid":"uid-{{{name}}}","labels":{ {{{labels}}} }{{{metadata}}}},
         "spec":{"nodeName":"n1","containers":[{"name":"c","image":"i","ports":[{"name":"http","containerPort":8080}]}]{{{spec}}}},
         "status":{"phase":"Running","podIP":"{{{addresses.FirstOrDefault("10.244.0.1")}}}","podIPs":[{{{string.Join(',', addresses.Select(a => $$"""{"ip":"{{a}}"}"""))}}}],"conditions":[{"type":"Ready","status":"{{{ready}}}"}]}}
        """);
}
