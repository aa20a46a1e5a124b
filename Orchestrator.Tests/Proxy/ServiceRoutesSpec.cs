using System.Text.Json.Nodes;
using Orchestrator.Actors.Api;
using Orchestrator.Actors.Kinds.EndpointSlices;
using Orchestrator.Actors.Kinds.Services;
using Orchestrator.Actors.Resources;
using Orchestrator.Node.Proxy;

namespace Orchestrator.Tests.Proxy;

public sealed class ServiceRoutesSpec
{
    [Theory]
    [InlineData("""{ "type": "ExternalName", "externalName": "example.com" }""")]
    [InlineData("""{ "type": "ClusterIP", "clusterIP": "None" }""")]
    [InlineData("""{ "type": "ClusterIP" }""")]
    [InlineData("""{ "type": "ClusterIP", "clusterIP": "fd00::1" }""")]
    public void Packets_do_not_meet_a_service_without_an_address_of_IPv4(string spec) => Assert.Null(ServiceRoutes.Of(Service(spec), [], "n"));

    [Fact]
    public void A_port_leads_to_the_endpoints_whose_port_has_its_name_and_protocol()
    {
        var route = ServiceRoutes.Of(
            Service("""{ "clusterIP": "10.96.0.9", "ports": [ { "name": "a", "port": 80, "nodePort": 30080 }, { "name": "b", "port": 53, "protocol": "UDP" } ] }"""),
            [
                Slice("x", """[ { "name": "a", "port": 8080 }, { "name": "b", "port": 5353, "protocol": "UDP" } ]""", """[ { "addresses": [ "10.1.0.2" ], "nodeName": "n" }, { "addresses": [ "10.1.0.1" ], "nodeName": "m" } ]"""),
                Slice("y", """[ { "name": "a", "port": 9090 }, { "name": "b", "port": 1 } ]""", """[ { "addresses": [ "10.1.0.3" ] }, { "addresses": [ "fd00::3" ] } ]"""),
            ], "n")!;
        Assert.Equal(("10.96.0.9", false, false, null), (route.Address, route.IsInternalLocal, route.IsExternalLocal, route.Affinity));
        Assert.Equal([(80, "TCP", 30080), (53, "UDP", 0)], route.Ports.Select(p => (p.Number, p.Protocol, p.NodePort)));
        Assert.Equal([("10.1.0.1", 8080, false), ("10.1.0.2", 8080, true), ("10.1.0.3", 9090, false)], route.Ports[0].Endpoints.Select(e => (e.Address, e.Port, e.IsLocal)));
        Assert.Equal([("10.1.0.1", 5353), ("10.1.0.2", 5353)], route.Ports[1].Endpoints.Select(e => (e.Address, e.Port)));
    }

    [Theory]
    [InlineData("""{}""", true, false)]
    [InlineData("""{ "ready": true, "serving": true, "terminating": false }""", true, false)]
    [InlineData("""{ "ready": false, "serving": false, "terminating": false }""", false, false)]
    [InlineData("""{ "ready": false, "serving": true, "terminating": true }""", false, true)]
    [InlineData("""{ "ready": false, "serving": false, "terminating": true }""", false, false)]
    public void Conditions_say_who_takes_connections(string conditions, bool isReady, bool isDraining)
    {
        var route = ServiceRoutes.Of(Service("""{ "clusterIP": "10.96.0.9", "ports": [ { "port": 80 } ] }"""),
            [Slice("x", """[ { "name": "", "port": 8080 } ]""", $$"""[ { "addresses": [ "10.1.0.2" ], "conditions": {{conditions}} } ]""")], "n")!;
        Assert.Equal((isReady, isDraining), route.Ports[0].Endpoints.Select(e => (e.IsReady, e.IsDraining)).Single());
    }

    [Fact]
    public void An_endpoint_that_moves_between_slices_counts_once_and_as_ready()
    {
        var route = ServiceRoutes.Of(Service("""{ "clusterIP": "10.96.0.9", "ports": [ { "port": 80 } ] }"""),
        [
            Slice("x", """[ { "port": 8080 } ]""", """[ { "addresses": [ "10.1.0.2" ], "conditions": { "ready": false } } ]"""),
            Slice("y", """[ { "port": 8080 } ]""", """[ { "addresses": [ "10.1.0.2" ] } ]"""),
        ], "n")!;
        Assert.True(Assert.Single(route.Ports[0].Endpoints).IsReady);
    }

    [Fact]
    public void Policies_affinity_and_other_addresses_are_read()
    {
        var route = ServiceRoutes.Of(Service("""
            { "type": "LoadBalancer", "clusterIP": "10.96.0.9", "ports": [ { "port": 80 } ], "externalIPs": [ "192.0.2.7", "fd00::7", "127.0.0.1" ], "loadBalancerSourceRanges": [ "198.51.100.9/24", "fd00::/64" ], "internalTrafficPolicy": "Local", "externalTrafficPolicy": "Local",
              "sessionAffinity": "ClientIP", "sessionAffinityConfig": { "clientIP": { "timeoutSeconds": 9 } } }
            """, """{ "loadBalancer": { "ingress": [ { "ip": "192.0.2.8" }, { "ip": "192.0.2.9", "ipMode": "Proxy" }, { "ip": "127.0.0.1" }, { "ip": "169.254.169.254" }, { "hostname": "lb.example.com" } ] } }"""), [], "n")!;
        Assert.Equal(["192.0.2.7"], route.ExternalAddresses.AsEnumerable());
        Assert.Equal(["192.0.2.8"], route.BalancerAddresses.AsEnumerable());
        Assert.Equal(["198.51.100.0/24"], route.Sources!.Value.AsEnumerable());
        Assert.Equal((true, true, 9), (route.IsInternalLocal, route.IsExternalLocal, route.Affinity));
    }

    [Theory]
    [InlineData("n1", "z1", "1:n1:z1 2:n2:z2", "1")]
    [InlineData("n3", "z2", "1:n1:z1 2:n2:z2", "2")]
    [InlineData("n3", "z3", "1:n1:z1 2:n2:z2", "1 2")]
    [InlineData("n3", null, "1:n1:z1 2:n2:z2", "1 2")]
    [InlineData("n3", "z1", "1::z1 2::z2", "1")]
    [InlineData("n1", "z1", "1::z1 2::", "1 2")]
    [InlineData("n1", "z1", "1:n1: 2::", "1 2")]
    [InlineData("n1", "z1", "", "")]
    public void Endpoints_that_are_near_are_preferred_if_all_say_for_whom_they_are(string node, string? zone, string endpoints, string expected)
    {
        var all = endpoints.Split(' ', StringSplitOptions.RemoveEmptyEntries).Select(e => e.Split(':')).Select(e => new RoutedEndpoint($"10.1.0.{e[0]}", 80, false, true, false)
        {
            ForNodes = [.. e[1].Split(',', StringSplitOptions.RemoveEmptyEntries)],
            ForZones = [.. e[2].Split(',', StringSplitOptions.RemoveEmptyEntries)],
        });
        Assert.Equal(expected, string.Join(' ', ServiceRoutes.Near([.. all], node, zone).Select(e => e.Address.Split('.')[3])));
    }

    [Fact]
    public void Hints_are_read_from_slices()
    {
        var service = Service("""{ "clusterIP": "10.96.0.9", "ports": [ { "port": 80 } ] }""");
        var slice = Slice("1", """[ { "port": 8080 } ]""", """
            [ { "addresses": [ "10.1.0.1" ], "hints": { "forZones": [ { "name": "a" } ] } }, { "addresses": [ "10.1.0.2" ], "hints": { "forZones": [ { "name": "b" } ] } } ]
            """);
        Assert.Equal("10.1.0.2", Assert.Single(ServiceRoutes.Of(service, [slice], "n", "b")!.Ports[0].Near).Address);
        Assert.Equal(2, ServiceRoutes.Of(service, [slice], "n", "c")!.Ports[0].Near.Length);
    }

    private static KubeObject Service(string spec, string status = "{}") => Make(ServiceDefinition.Instance, $$"""{ "metadata": { "name": "web", "namespace": "default", "uid": "s" }, "spec": {{spec}}, "status": {{status}} }""");

    private static KubeObject Slice(string name, string ports, string endpoints) => Make(EndpointSliceDefinition.Instance,
        $$"""{ "metadata": { "name": "web-{{name}}", "namespace": "default", "uid": "{{name}}", "labels": { "kubernetes.io/service-name": "web" } }, "addressType": "IPv4", "ports": {{ports}}, "endpoints": {{endpoints}} }""");

    private static KubeObject Make(ResourceDefinition kind, string json) => KubeObject.From(kind, (JsonObject)JsonNode.Parse(json)!);
}
