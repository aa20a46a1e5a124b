using System.Text.Json.Nodes;
using Orchestrator.Actors.Api;
using Orchestrator.Actors.Kinds.EndpointSlices;
using Orchestrator.Actors.Kinds.Ingresses;
using Orchestrator.Actors.Kinds.Services;
using Orchestrator.Node.Ingress;
using Orchestrator.Node.Proxy;

namespace Orchestrator.Tests.Ingress;

/// <summary>Where requests to a port of a service go.</summary>
public sealed class ServiceEndpointsSpec
{
    private static readonly ObjectKey Web = ServiceDefinition.Instance.Key("default", "web");

    [Theory]
    [InlineData("http", 0, "10.1.0.1:8080")]
    [InlineData(null, 80, "10.1.0.1:8080")]
    [InlineData(null, 443, "10.1.0.1:8443")]
    [InlineData("other", 0, "")]
    [InlineData(null, 81, "")]
    public void A_port_is_found_by_its_name_or_its_number(string? name, int number, string expected) =>
        Assert.Equal(expected, string.Join(',', ServiceEndpoints.Of(Seen("None"), new BackendPort(Web, name, number), "n").Addresses));

    [Theory]
    [InlineData("true/true/false,true/true/false", "10.1.0.1,10.1.0.2")]
    [InlineData("true/true/false,false/true/true", "10.1.0.1")]
    [InlineData("false/false/false,false/true/true", "10.1.0.2")]
    [InlineData("false/false/false,false/false/true", "")]
    public void Those_that_end_are_used_if_nobody_is_ready(string conditions, string expected) =>
        Assert.Equal(expected, string.Join(',', ServiceEndpoints.Of(Seen("10.96.0.1", conditions.Split(',')), new BackendPort(Web, "http", 0), "n").Addresses.Select(a => a.Split(':')[0])));

    [Theory]
    [InlineData("kubernetes.io/h2c", BackendProtocol.Http2)]
    [InlineData("https", BackendProtocol.Https)]
    [InlineData("HTTPS", BackendProtocol.Https)]
    [InlineData("kubernetes.io/ws", BackendProtocol.Http)]
    [InlineData("http", BackendProtocol.Http)]
    public void The_service_says_how_its_port_is_spoken_to(string name, BackendProtocol protocol) =>
        Assert.Equal(protocol, ServiceEndpoints.Of(Seen("None", protocol: name), new BackendPort(Web, "http", 0), "n").Protocol);

    [Fact]
    public void An_alias_and_a_service_that_is_not_there_lead_nowhere()
    {
        var port = new BackendPort(Web, "http", 0);
        Assert.Empty(ServiceEndpoints.Of(new ServiceSeen(Web, null, []), port, "n").Addresses);
        Assert.Empty(ServiceEndpoints.Of(Seen("", type: "ExternalName"), port, "n").Addresses);
    }

    private static ServiceSeen Seen(string address, string[]? conditions = null, string type = "ClusterIP", string protocol = "")
    {
        var service = KubeObject.From(ServiceDefinition.Instance, (JsonObject)JsonNode.Parse($$"""
            { "metadata": { "name": "web", "namespace": "default" }, "spec": { "type": "{{type}}", "clusterIP": "{{address}}",
              "ports": [ { "name": "http", "port": 80, "appProtocol": "{{protocol}}" }, { "name": "https", "port": 443 } ] } }
            """)!);
        var slices = (conditions ?? ["true/true/false"]).Select((c, i) => KubeObject.From(EndpointSliceDefinition.Instance, (JsonObject)JsonNode.Parse($$"""
            { "metadata": { "name": "web-{{i}}", "namespace": "default" }, "addressType": "IPv4", "ports": [ { "name": "http", "port": 8080 }, { "name": "https", "port": 8443 } ],
              "endpoints": [ { "addresses": [ "10.1.0.{{i + 1}}" ], "conditions": { "ready": {{c.Split('/')[0]}}, "serving": {{c.Split('/')[1]}}, "terminating": {{c.Split('/')[2]}} } } ] }
            """)!));
        return new ServiceSeen(Web, service, [.. slices]);
    }
}
