using System.Text.Json.Nodes;
using Orchestrator.Tests.Kit;

namespace Orchestrator.Tests.Conformance.Network;

/// <summary>EndpointSlices and Endpoints say where services lead.</summary>
[Collection(NetworkHost.Name)]
public sealed class EndpointSlicesSpec(NetworkHost host)
{
    private static readonly TimeSpan Bound = TimeSpan.FromSeconds(30);

    [RootFact]
    [Conformance("EndpointSlice should have Endpoints and EndpointSlices pointing to API Server")]
    [Conformance("Services should find a service from listing all namespaces")]
    public async Task The_api_server_has_a_service_with_endpoints()
    {
        var ports = (await host.GetAsync("services", "kubernetes"))["spec"]!["ports"]!.AsArray();
        Assert.Equal(("https", 443, "TCP"), ((string?)ports[0]!["name"], (int)ports[0]!["port"]!, (string?)ports[0]!["protocol"]));
        var subset = Assert.Single((await host.GetAsync("endpoints", "kubernetes"))["subsets"]!.AsArray())!;
        var slice = Assert.Single(await host.SlicesAsync("kubernetes"))!;
        var address = Assert.Single(subset["addresses"]!.AsArray().Select(a => (string)a!["ip"]!));
        Assert.Equal([address], slice["endpoints"]!.AsArray().SelectMany(e => e!["addresses"]!.AsArray()).Select(a => (string)a!));
        Assert.Equal("IPv4", (string?)slice["addressType"]);
        Assert.Equal(((int)subset["ports"]![0]!["port"]!, host.Node.Address.Port), ((int)slice["ports"]![0]!["port"]!, (int)slice["ports"]![0]!["port"]!));
        Assert.Contains((await host.Node.AskAsync(HttpMethod.Get, "/api/v1/services"))["items"]!.AsArray(), s => ((string)s!["metadata"]!["namespace"]!, (string)s["metadata"]!["name"]!) == ("default", "kubernetes"));
    }

    [RootFact]
    [Conformance("EndpointSlice should create and delete Endpoints and EndpointSlices for a Service with a selector specified")]
    public async Task Slices_come_and_go_with_their_service_even_without_a_pod()
    {
        await host.ServiceAsync("empty", """{ "selector": { "does-not-match": "anything" }, "ports": [ { "name": "example", "port": 80, "protocol": "TCP" } ] }""");
        await UntilAsync("empty", hasEndpoints: true, slices => slices.Count == 1);
        await host.DeleteAsync("services", "empty");
        await UntilAsync("empty", hasEndpoints: false, slices => slices.Count == 0);
    }

    [RootFact]
    [Conformance("EndpointSlice should create Endpoints and EndpointSlices for Pods matching a Service")]
    public async Task Each_service_has_the_pods_that_it_selects_by_the_ports_that_they_have()
    {
        await host.WebAsync("sliced-1", "sliced", """ "hostname": "first", """, """{ "name": "example-name", "containerPort": 8080 }""");
        await host.WebAsync("sliced-2", "sliced", "", """{ "name": "example-name", "containerPort": 8081 }""");
        await host.ServiceAsync("by-name", """{ "selector": { "app": "sliced" }, "ports": [ { "name": "example", "port": 80, "targetPort": "example-name" } ] }""");
        await host.ServiceAsync("by-number", """{ "selector": { "app": "sliced" }, "publishNotReadyAddresses": true, "ports": [ { "name": "example", "port": 80, "targetPort": 8080 } ] }""");
        string[] addresses = [await host.AddressAsync("sliced-1"), await host.AddressAsync("sliced-2")];
        await UntilAsync("by-name", hasEndpoints: true, s => s.Count == 2 && s.Select(PortOf).Order().SequenceEqual([8080, 8081]) && s.SelectMany(AddressesOf).Order().SequenceEqual(addresses.Order()));
        await UntilAsync("by-number", hasEndpoints: true, s => s.Count == 1 && PortOf(s[0]) == 8080 && AddressesOf(s[0]).Order().SequenceEqual(addresses.Order()));
        var endpoint = (await host.SlicesAsync("by-number"))[0]!["endpoints"]!.AsArray().Single(e => (string)e!["addresses"]![0]! == addresses[0])!;
        Assert.Equal(("Pod", "sliced-1", host.Node.Name), ((string?)endpoint["targetRef"]!["kind"], (string?)endpoint["targetRef"]!["name"], (string?)endpoint["nodeName"]));
        Assert.Equal("""{"ready":true,"serving":true,"terminating":false}""", endpoint["conditions"]!.ToJsonString());
        Assert.Equal([("sliced-1", 8080), ("sliced-2", 8081)], await host.EndpointsAsync("by-name"));
        await host.AnswersAsync(NetworkHost.Client, "by-name", "first sliced-2");
        foreach (var pod in (string[])["sliced-1", "sliced-2"])
        {
            await host.DeleteAsync("pods", pod);
        }
    }

    [RootFact]
    [Conformance("EndpointSliceMirroring should mirror a custom Endpoints resource through create update and delete")]
    public async Task Endpoints_that_somebody_makes_have_slices_as_long_as_they_are_there()
    {
        await host.ServiceAsync("mirrored", """{ "ports": [ { "name": "example", "port": 80 } ] }""");
        var (first, second) = (await host.AddressAsync("web-1"), await host.AddressAsync("web-2"));
        await host.Node.AskAsync(HttpMethod.Post, NetworkHost.Path("endpoints"), $$"""{ "metadata": { "name": "mirrored" }, "subsets": [ {{Subset(first, 8080)}} ] }""");
        await UntilAsync("mirrored", hasEndpoints: true, s => s.Count == 1 && PortOf(s[0]) == 8080 && AddressesOf(s[0]).SequenceEqual([first]));
        await host.AnswersAsync(NetworkHost.Client, "mirrored", "web-1");
        await host.Node.AskAsync(HttpMethod.Patch, NetworkHost.Path("endpoints/mirrored"), $$"""{ "subsets": [ {{Subset(second, 8081)}} ] }""", ApiSpace.Merge);
        await UntilAsync("mirrored", hasEndpoints: true, s => s.Count == 1 && PortOf(s[0]) == 8081 && AddressesOf(s[0]).SequenceEqual([second]));
        await host.AnswersAsync(NetworkHost.Client, "mirrored", "web-2");
        await host.DeleteAsync("endpoints", "mirrored");
        await UntilAsync("mirrored", hasEndpoints: false, s => s.Count == 0);
        await host.AnswersAsync(NetworkHost.Client, "mirrored", "none", times: 1);
    }

    private static string Subset(string address, int port) => $$"""{ "addresses": [ { "ip": "{{address}}" } ], "ports": [ { "name": "example", "port": {{port}} } ] }""";

    private static int PortOf(JsonNode? slice) => (int?)slice!["ports"]?[0]?["port"] ?? 0;

    private static IEnumerable<string> AddressesOf(JsonNode? slice) => (slice!["endpoints"]?.AsArray() ?? []).SelectMany(e => e!["addresses"]!.AsArray()).Select(a => (string)a!);

    private async Task UntilAsync(string service, bool hasEndpoints, Func<JsonArray, bool> fact)
    {
        JsonArray? slices = null;
        await Poll.UntilAsync(async () => fact(slices = await host.SlicesAsync(service))
            && (await host.Node.AskAsync(HttpMethod.Get, NetworkHost.Path($"endpoints?fieldSelector=metadata.name%3D{service}")))["items"]!.AsArray().Count == (hasEndpoints ? 1 : 0), Bound,
            () => $"{service} has the right slices: {slices?.ToJsonString()}");
    }
}
