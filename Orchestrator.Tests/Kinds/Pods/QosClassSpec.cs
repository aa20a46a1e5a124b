using System.Text;
using System.Text.Json.Nodes;
using Orchestrator.Actors.Entities;
using Orchestrator.Actors.Kinds.Pods;
using k8s;
using k8s.Models;

namespace Orchestrator.Tests.Kinds.Pods;

/// <summary>The table of Kubernetes, "Pod Quality of Service Classes".</summary>
public sealed class QosClassSpec
{
    private const string Full = """{"requests":{"cpu":"500m","memory":"1Gi"},"limits":{"cpu":"0.5","memory":"1024Mi"}}""";

    public static TheoryData<string, string> Specs => new()
    {
        { """{"containers":[{"name":"a"}]}""", "BestEffort" },
        { """{"containers":[{"name":"a","resources":{"requests":{"ephemeral-storage":"1Gi"}}}]}""", "BestEffort" },
        { """{"containers":[{"name":"a","resources":{"requests":{"cpu":"0"}}}]}""", "BestEffort" },
        { """{"containers":[{"name":"a","resources":{"requests":{"cpu":"1"}}}]}""", "Burstable" },
        { """{"containers":[{"name":"a","resources":{"limits":{"memory":"1Gi"}}}]}""", "Burstable" },
        { """{"containers":[{"name":"a","resources":{"requests":{"cpu":"1","memory":"1Gi"},"limits":{"cpu":"2","memory":"1Gi"}}}]}""", "Burstable" },
        { """{"containers":[{"name":"a","resources":{"limits":{"cpu":"1","memory":"1Gi"}}}]}""", "Guaranteed" },
        { """{"containers":[{"name":"a","resources":{"requests":{"cpu":1,"memory":"9999999E"}}}]}""", "Burstable" },
        { $$"""{"containers":[{"name":"a","resources":{{Full}} }]}""", "Guaranteed" },
        { $$"""{"containers":[{"name":"a","resources":{{Full}} },{"name":"b"}]}""", "Burstable" },
        { $$"""{"initContainers":[{"name":"b"}],"containers":[{"name":"a","resources":{{Full}} }]}""", "Burstable" },
    };

    [Theory, MemberData(nameof(Specs))]
    public void A_pod_is_classed_by_its_requests_and_limits(string spec, string expected)
    {
        Assert.Equal(expected, QosClass.Of((JsonObject)JsonNode.Parse(spec)!));
        Assert.Equal(expected, QosClass.Of(KubernetesJson.Deserialize<V1PodSpec>(new MemoryStream(Encoding.UTF8.GetBytes(spec)))));
    }

    [Theory, MemberData(nameof(Specs))]
    public void A_pod_has_its_class_from_the_beginning(string spec, string expected)
    {
        var pod = new JsonObject { ["metadata"] = new JsonObject { ["name"] = "a" }, ["spec"] = JsonNode.Parse(spec) };
        var created = ObjectDecider.Decide(PodDefinition.Instance, null, new CreateObject(PodDefinition.Instance.Key("default", "a"), pod, "a client"), new(DateTimeOffset.UnixEpoch, "uid"));
        Assert.Equal(expected, (string?)created.Events.Single().Delta!["status"]!["qosClass"]);
    }
}
