using System.Text.Json.Nodes;
using CsCheck;
using Orchestrator.Actors.Admission;
using Orchestrator.Actors.Api;
using Orchestrator.Actors.Kinds.Services;
using Orchestrator.Actors.Resources;

namespace Orchestrator.Tests.Kinds.Services;

/// <summary>Defaults, refusals and changes of Services, as Kubernetes has them.</summary>
public sealed class ServiceStrategySpec
{
    private const string Port = """ "ports":[{"port":80}] """;

    [Theory]
    [InlineData("{" + Port + "}", "type", "\"ClusterIP\"")]
    [InlineData("{" + Port + "}", "sessionAffinity", "\"None\"")]
    [InlineData("{" + Port + "}", "internalTrafficPolicy", "\"Cluster\"")]
    [InlineData("{" + Port + "}", "externalTrafficPolicy", null)]
    [InlineData("{" + Port + "}", "ports", """[{"port":80,"protocol":"TCP","targetPort":80}]""")]
    [InlineData("{" + Port + ""","type":"NodePort"}""", "externalTrafficPolicy", "\"Cluster\"")]
    [InlineData("{" + Port + ""","externalIPs":["10.9.8.7"]}""", "externalTrafficPolicy", "\"Cluster\"")]
    [InlineData("{" + Port + ""","type":"LoadBalancer"}""", "allocateLoadBalancerNodePorts", "true")]
    [InlineData("{" + Port + ""","sessionAffinity":"ClientIP"}""", "sessionAffinityConfig", """{"clientIP":{"timeoutSeconds":10800}}""")]
    [InlineData("{" + Port + ""","clusterIP":""}""", "clusterIP", null)]
    [InlineData("""{"sessionAffinityConfig":{"clientIP":{"timeoutSeconds":10}},""" + Port + "}", "sessionAffinityConfig", null)]
    [InlineData("""{"type":"ExternalName","externalName":"a.example."}""", "ipFamilies", null)]
    [InlineData("""{"type":"ExternalName","externalName":"a.example."}""", "internalTrafficPolicy", null)]
    public void Absent_fields_have_the_defaults_of_Kubernetes(string spec, string field, string? value)
    {
        var service = Service(spec);
        Assert.Null(Create(service));
        Assert.Equal(value, service["spec"]![field]?.ToJsonString());
    }

    [Theory]
    [InlineData("{}", "spec.ports: Required value")]
    [InlineData("""{"type":"Other",""" + Port + "}", "spec.type: Unsupported value: \"Other\"")]
    [InlineData("""{"ports":[{"port":80},{"port":81,"name":"b"}]}""", "spec.ports[0].name: Required value")]
    [InlineData("""{"ports":[{"port":80,"name":"a"},{"port":81,"name":"a"}]}""", "spec.ports[1].name: Duplicate value: \"a\"")]
    [InlineData("""{"ports":[{"port":80,"name":"a"},{"port":80,"name":"b"}]}""", "spec.ports[1]: Duplicate value: {\"port\":80,\"protocol\":\"TCP\"}")]
    [InlineData("""{"ports":[{"port":80,"name":"A_b"}]}""", "spec.ports[0].name: Invalid value")]
    [InlineData("""{"ports":[{"port":0}]}""", "spec.ports[0].port: Invalid value: 0: must be between 1 and 65535, inclusive")]
    [InlineData("""{"ports":[{"port":80,"targetPort":"UPPER"}]}""", "spec.ports[0].targetPort: Invalid value")]
    [InlineData("""{"ports":[{"port":80,"targetPort":70000}]}""", "spec.ports[0].targetPort: Invalid value: 70000")]
    [InlineData("""{"ports":[{"port":80,"protocol":"ICMP"}]}""", "spec.ports[0].protocol: Unsupported value: \"ICMP\"")]
    [InlineData("""{"ports":[{"port":80,"appProtocol":"a b"}]}""", "spec.ports[0].appProtocol: Invalid value: \"a b\"")]
    [InlineData("""{"ports":[{"port":80,"nodePort":30080}]}""", "spec.ports[0].nodePort: Forbidden: may not be used when `type` is 'ClusterIP'")]
    [InlineData("""{"type":"NodePort","ports":[{"port":80,"name":"a","nodePort":30080},{"port":81,"name":"b","nodePort":30080}]}""", "spec.ports[1].nodePort: Duplicate value: 30080")]
    [InlineData("""{"type":"LoadBalancer","ports":[{"port":10250}]}""", "spec.ports[0].port: Invalid value: 10250: may not expose port 10250 externally")]
    [InlineData("""{"sessionAffinity":"Cookie",""" + Port + "}", "spec.sessionAffinity: Unsupported value: \"Cookie\"")]
    [InlineData("""{"sessionAffinity":"ClientIP","sessionAffinityConfig":{"clientIP":{"timeoutSeconds":86401}},""" + Port + "}",
        "spec.sessionAffinityConfig.clientIP.timeoutSeconds: Invalid value: 86401: must be greater than 0 and less than 86400")]
    [InlineData("""{"type":"NodePort","clusterIP":"None",""" + Port + "}", "spec.clusterIPs[0]: Invalid value: \"None\": may not be set to 'None' for NodePort services")]
    [InlineData("""{"clusterIP":"10.1",""" + Port + "}", "spec.clusterIPs[0]: Invalid value: \"10.1\": must be a valid IP address, (e.g. 10.9.8.7 or 2001:db8::ffff)")]
    [InlineData("""{"clusterIP":"[fd00::1]",""" + Port + "}", "spec.clusterIPs[0]: Invalid value: \"[fd00::1]\": must be a valid IP address")]
    [InlineData("""{"clusterIP":"fe80::1%eth0",""" + Port + "}", "spec.clusterIPs[0]: Invalid value: \"fe80::1%eth0\": must be a valid IP address")]
    [InlineData("""{"clusterIPs":["10.96.0.4"],""" + Port + "}", "spec.clusterIPs: Invalid value: [\"10.96.0.4\"]: must be empty when `clusterIP` is not specified")]
    [InlineData("""{"clusterIP":"10.96.0.5","clusterIPs":["10.96.0.4"],""" + Port + "}", "spec.clusterIPs: Invalid value: [\"10.96.0.4\"]: first value must match `clusterIP`")]
    [InlineData("""{"clusterIP":"None","clusterIPs":["None","fd00::1"]}""", "spec.clusterIPs: Invalid value: [\"None\",\"fd00::1\"]: 'None' must be the first and only value")]
    [InlineData("""{"clusterIP":"10.96.0.4","clusterIPs":["10.96.0.4","None"],""" + Port + "}", "spec.clusterIPs[1]: Invalid value: \"None\": must be a valid IP address")]
    [InlineData("""{"clusterIP":"10.96.0.4","clusterIPs":["10.96.0.4","10.96.0.5"],""" + Port + "}", "spec.clusterIPs: Invalid value: [\"10.96.0.4\",\"10.96.0.5\"]: may specify no more than one IP for each IP family")]
    [InlineData("""{"clusterIP":"10.96.0.4","clusterIPs":["10.96.0.4","fd00::1","fd00::2"],""" + Port + "}", "spec.clusterIPs: Invalid value: [\"10.96.0.4\",\"fd00::1\",\"fd00::2\"]: may only hold up to 2 values")]
    [InlineData("""{"clusterIP":"fd00::1","ipFamilies":["IPv4"],""" + Port + "}", "spec.clusterIPs[0]: Invalid value: \"fd00::1\": expected an IPv4 value as indicated by `ipFamilies[0]`")]
    [InlineData("""{"clusterIP":"10.96.0.4","ipFamilies":["IPv6"],""" + Port + "}", "spec.clusterIPs[0]: Invalid value: \"10.96.0.4\": expected an IPv6 value as indicated by `ipFamilies[0]`")]
    [InlineData("""{"ipFamilies":["IPv5"],""" + Port + "}", "spec.ipFamilies[0]: Unsupported value: \"IPv5\": supported values: \"IPv4\", \"IPv6\"")]
    [InlineData("""{"ipFamilies":["IPv6","IPv6"],""" + Port + "}", "spec.ipFamilies[1]: Duplicate value: \"IPv6\"")]
    [InlineData("""{"ipFamilyPolicy":"Both",""" + Port + "}", "spec.ipFamilyPolicy: Unsupported value: \"Both\": supported values: \"PreferDualStack\", \"RequireDualStack\", \"SingleStack\"")]
    [InlineData("""{"type":"ExternalName","externalName":"a.example","ipFamilies":["IPv4"]}""", "spec.ipFamilies: Forbidden: may not be set for ExternalName services")]
    [InlineData("""{"type":"ExternalName","externalName":"a.example","ipFamilyPolicy":"SingleStack"}""", "spec.ipFamilyPolicy: Forbidden: may not be set for ExternalName services")]
    [InlineData("""{"type":"ExternalName"}""", "spec.externalName: Required value")]
    [InlineData("""{"type":"ExternalName","externalName":"-"}""", "spec.externalName: Invalid value: \"-\"")]
    [InlineData("""{"type":"ExternalName","externalName":"a.example","clusterIP":"10.96.0.4"}""", "spec.clusterIP: Forbidden: may not be set for ExternalName services")]
    [InlineData("""{"externalIPs":["::1"],""" + Port + "}", "spec.externalIPs[0]: Invalid value: \"::1\": may not be in the loopback range")]
    [InlineData("""{"externalIPs":["127.0.0.1"],""" + Port + "}", "spec.externalIPs[0]: Invalid value: \"127.0.0.1\": may not be in the loopback range")]
    [InlineData("""{"externalIPs":["0.0.0.0"],""" + Port + "}", "spec.externalIPs[0]: Invalid value: \"0.0.0.0\": may not be unspecified")]
    [InlineData("""{"externalIPs":["here"],""" + Port + "}", "spec.externalIPs[0]: Invalid value: \"here\": must be a valid IP address")]
    [InlineData("""{"loadBalancerClass":"a.example/b",""" + Port + "}", "spec.loadBalancerClass: Forbidden: may only be used when `type` is 'LoadBalancer'")]
    [InlineData("""{"loadBalancerSourceRanges":["10.0.0.0/8"],""" + Port + "}", "spec.loadBalancerSourceRanges: Forbidden: may only be used when `type` is 'LoadBalancer'")]
    [InlineData("""{"type":"LoadBalancer","loadBalancerSourceRanges":["10.0.0.0"],""" + Port + "}", "spec.loadBalancerSourceRanges[0]: Invalid value: \"10.0.0.0\": must be a valid CIDR value")]
    [InlineData("""{"externalTrafficPolicy":"Local",""" + Port + "}", "spec.externalTrafficPolicy: Invalid value: \"Local\": may only be set for externally-accessible services")]
    [InlineData("""{"type":"NodePort","externalTrafficPolicy":"Near",""" + Port + "}", "spec.externalTrafficPolicy: Unsupported value: \"Near\"")]
    [InlineData("""{"internalTrafficPolicy":"Near",""" + Port + "}", "spec.internalTrafficPolicy: Unsupported value: \"Near\"")]
    [InlineData("""{"type":"NodePort","healthCheckNodePort":30000,""" + Port + "}", "spec.healthCheckNodePort: Invalid value: 30000: may only be set when `type` is 'LoadBalancer'")]
    [InlineData("""{"selector":{"a b":"c"},""" + Port + "}", "spec.selector: Invalid value: \"a b\"")]
    public void What_is_wrong_is_refused_with_field_and_reason(string spec, string message)
    {
        var refusal = Create(Service(spec));
        Assert.Equal(ApiReason.Invalid, refusal!.Reason);
        Assert.Contains(refusal.Causes, c => $"{c.Field}: {c.Message}".StartsWith(message, StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("""{"clusterIP":"None"}""")]
    [InlineData("""{"ports":[{"port":53,"protocol":"UDP","name":"a"},{"port":53,"name":"b"}]}""")]
    [InlineData("""{"type":"NodePort","ports":[{"port":53,"protocol":"UDP","name":"a","nodePort":30053},{"port":53,"name":"b","nodePort":30053}]}""")]
    [InlineData("""{"ipFamilyPolicy":"PreferDualStack",""" + Port + "}")]
    [InlineData("""{"type":"LoadBalancer","externalTrafficPolicy":"Local","healthCheckNodePort":30001,"loadBalancerSourceRanges":["10.0.0.0/8","2001:db8::/32"],""" + Port + "}")]
    [InlineData("""{"externalIPs":["2001:db8::1","10.9.8.7"],""" + Port + "}")]
    [InlineData("""{"ipFamilyPolicy":"RequireDualStack","ipFamilies":["IPv6","IPv4"],"clusterIP":"fd00::1","clusterIPs":["fd00::1","10.96.0.4"],""" + Port + "}")]
    [InlineData("""{"ports":[{"port":80,"targetPort":"http","appProtocol":"kubernetes.io/h2c"}]}""")]
    public void What_is_right_is_taken(string spec) => Assert.Null(Create(Service(spec)));

    [Theory]
    [InlineData("""{"clusterIP":"10.96.0.7",""" + Port + "}", "{" + Port + "}", "clusterIP", "\"10.96.0.7\"")]
    [InlineData("""{"clusterIP":"10.96.0.7","clusterIPs":["10.96.0.7"],""" + Port + "}", "{" + Port + "}", "clusterIPs", "[\"10.96.0.7\"]")]
    [InlineData("""{"clusterIP":"10.96.0.7","clusterIPs":["10.96.0.7","fd00::7"],""" + Port + "}", """{"clusterIP":"10.96.0.7",""" + Port + "}", "clusterIPs", "[\"10.96.0.7\",\"fd00::7\"]")]
    [InlineData("""{"clusterIP":"10.96.0.7",""" + Port + "}", """{"type":"NodePort",""" + Port + "}", "clusterIP", "\"10.96.0.7\"")]
    [InlineData("""{"clusterIP":"10.96.0.7","clusterIPs":["10.96.0.7"],""" + Port + "}", """{"type":"ExternalName","externalName":"a.example","clusterIP":"10.96.0.7","clusterIPs":["10.96.0.7"]}""", "clusterIP", null)]
    [InlineData("""{"clusterIP":"10.96.0.7","clusterIPs":["10.96.0.7"],""" + Port + "}", """{"type":"ExternalName","externalName":"a.example","clusterIP":"10.96.0.7","clusterIPs":["10.96.0.7"]}""", "clusterIPs", null)]
    [InlineData("""{"type":"NodePort","ports":[{"port":80,"nodePort":30080}]}""", """{"type":"NodePort","ports":[{"port":81}]}""", "ports", """[{"port":81,"protocol":"TCP","targetPort":81,"nodePort":30080}]""")]
    [InlineData("""{"type":"NodePort","ports":[{"port":80,"nodePort":30080}]}""", """{"ports":[{"port":80,"nodePort":30080}]}""", "ports", """[{"port":80,"protocol":"TCP","targetPort":80}]""")]
    [InlineData("""{"type":"NodePort",""" + Port + "}", """{"externalTrafficPolicy":"Cluster",""" + Port + "}", "externalTrafficPolicy", null)]
    [InlineData("""{"type":"LoadBalancer","externalTrafficPolicy":"Local","healthCheckNodePort":30001,""" + Port + "}",
        """{"type":"LoadBalancer","externalTrafficPolicy":"Local",""" + Port + "}", "healthCheckNodePort", "30001")]
    [InlineData("""{"type":"LoadBalancer","loadBalancerClass":"a.example/b",""" + Port + "}", """{"allocateLoadBalancerNodePorts":true,"loadBalancerClass":"a.example/b",""" + Port + "}", "loadBalancerClass", null)]
    public void What_was_given_is_kept_and_what_is_of_no_use_dropped(string old, string spec, string field, string? value)
    {
        var service = Service(spec);
        Assert.Null(Update(service, Stored(old)));
        Assert.Equal(value, service["spec"]![field]?.ToJsonString());
    }

    [Theory]
    [InlineData("""{"clusterIP":"10.96.0.7",""" + Port + "}", """{"clusterIP":"10.96.0.8",""" + Port + "}", "spec.clusterIPs[0]: Invalid value: [\"10.96.0.8\"]: may not change once set")]
    [InlineData("""{"clusterIP":"10.96.0.7",""" + Port + "}", """{"clusterIP":"None",""" + Port + "}", "spec.clusterIPs[0]: Invalid value: [\"None\"]: may not change once set")]
    [InlineData("""{"clusterIP":"None",""" + Port + "}", """{"clusterIP":"10.96.0.8",""" + Port + "}", "spec.clusterIPs[0]: Invalid value: [\"10.96.0.8\"]: may not change once set")]
    [InlineData("""{"type":"LoadBalancer","loadBalancerClass":"a.example/b",""" + Port + "}", """{"type":"LoadBalancer","loadBalancerClass":"a.example/c",""" + Port + "}",
        "spec.loadBalancerClass: Invalid value: \"a.example/c\": may not change once set")]
    [InlineData("""{"type":"LoadBalancer","externalTrafficPolicy":"Local","healthCheckNodePort":30001,""" + Port + "}",
        """{"type":"LoadBalancer","externalTrafficPolicy":"Local","healthCheckNodePort":30002,""" + Port + "}", "spec.healthCheckNodePort: Invalid value: 30002: field is immutable")]
    [InlineData("""{"type":"NodePort","ports":[{"port":80,"nodePort":30080}]}""", """{"ports":[{"port":80,"nodePort":30081}]}""", "spec.ports[0].nodePort: Forbidden: may not be used when `type` is 'ClusterIP'")]
    public void What_stays_is_not_changed(string old, string spec, string message)
    {
        var refusal = Update(Service(spec), Stored(old));
        Assert.Contains(refusal!.Causes, c => $"{c.Field}: {c.Message}".StartsWith(message, StringComparison.Ordinal));
    }

    [Fact]
    public void A_service_with_an_alias_may_get_an_address() =>
        Assert.Null(Update(Service("""{"clusterIP":"10.96.0.8",""" + Port + "}"), Stored("""{"type":"ExternalName","externalName":"a.example"}""")));

    [Fact]
    public void A_stored_service_is_its_own_new_version() =>
        Gen.Select(Of("ClusterIP", "NodePort", "LoadBalancer"), Of("", "10.96.0.7"), Gen.Int[0, 3], Of("Cluster", "Local"), Gen.Bool).Sample((type, address, nodePort, policy, isSticky) =>
        {
            var spec = new JsonObject { ["type"] = type, ["clusterIP"] = address, ["clusterIPs"] = address.Length > 0 ? new JsonArray(address) : [], ["sessionAffinity"] = isSticky ? "ClientIP" : "None", ["ports"] = new JsonArray(new JsonObject { ["port"] = 80 }) };
            if (type != "ClusterIP")
            {
                (spec["externalTrafficPolicy"], spec["ports"]![0]!["nodePort"]) = (policy, nodePort == 0 ? 0 : 30000 + nodePort);
            }

            var stored = Stored(spec.ToJsonString());
            var again = stored.ToNode();
            Assert.Null(Update(again, stored));
            Assert.True(JsonNode.DeepEquals(stored.ToNode()["spec"], again["spec"]), again.ToJsonString());
        }, iter: 200);

    private static Gen<string> Of(params string[] values) => Gen.Int[0, values.Length - 1].Select(i => values[i]);

    private static ApiError? Create(JsonObject service) => Admitter.Create(ServiceDefinition.Instance, service, NoObjects.Instance);

    private static ApiError? Update(JsonObject service, KubeObject stored) => Admitter.Update(ServiceDefinition.Instance, service, stored, NoObjects.Instance);

    private static KubeObject Stored(string spec)
    {
        var service = Service(spec);
        Assert.Null(Create(service));
        return KubeObject.From(ServiceDefinition.Instance, service);
    }

    private static JsonObject Service(string spec) => new() { ["metadata"] = new JsonObject { ["name"] = "s", ["namespace"] = "default" }, ["spec"] = JsonNode.Parse(spec) };
}
