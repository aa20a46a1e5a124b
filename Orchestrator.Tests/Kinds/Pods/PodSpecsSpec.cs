using System.Text.Json.Nodes;
using Orchestrator.Actors.Api;
using Orchestrator.Actors.Kinds.Pods;
using k8s;
using k8s.Models;

namespace Orchestrator.Tests.Kinds.Pods;

public sealed class PodSpecsSpec
{
    [Fact]
    public void Replicas_share_one_spec_wherever_they_run()
    {
        var (pending, bound) = (Pod("a", null, "1"), Pod("b", "n1", "1"));
        Assert.Same(PodSpecs.Of(pending), PodSpecs.Of(bound));
        Assert.NotSame(PodSpecs.Of(pending), PodSpecs.Of(Pod("c", null, "2")));
    }

    [Theory]
    [InlineData("""{"nodeName":"n1","containers":[{"name":"web","image":"x"}]}""")]
    [InlineData("""{"containers":[{"name":"web","image":"x"}],"nodeName":"n1","restartPolicy":"Never"}""")]
    [InlineData("""{"containers":[{"name":"web","image":"x","env":[{"name":"nodeName","value":"{\"nodeName\":\"y\"}"}]}],"nodeSelector":{"nodeName":"z"},"nodeName":"n1"}""")]
    public void A_manifest_says_what_the_whole_pod_says_but_for_its_node(string spec)
    {
        var pod = KubeObject.From(PodDefinition.Instance, (JsonObject)JsonNode.Parse($$"""
            {"apiVersion":"v1","kind":"Pod","metadata":{"name":"a","namespace":"default","uid":"u","labels":{"app":"web"},"annotations":{"k":"v" },"deletionGracePeriodSeconds":5 },
             "spec":{{spec}},"status":{"phase":"Running","podIP":"10.0.0.1" } }
            """)!);
        var (manifest, whole) = (PodManifest.Of(pod), KubernetesJson.Deserialize<V1Pod>(new MemoryStream(pod.Json.ToArray())));
        whole.Spec.NodeName = null;
        Assert.Equal(KubernetesJson.Serialize(whole.Spec), KubernetesJson.Serialize(manifest.Spec));
        Assert.Equal(KubernetesJson.Serialize(whole.Metadata), KubernetesJson.Serialize(manifest.Metadata));
        Assert.Equal((false, "n1"), (manifest.HasEnded, pod.NodeName));
    }

    private static KubeObject Pod(string name, string? node, string image)
    {
        var spec = new JsonObject { ["containers"] = new JsonArray(new JsonObject { ["name"] = "web", ["image"] = $"shared-spec:{image}" }) };
        if (node is not null)
        {
            spec["nodeName"] = node;
        }

        return KubeObject.From(PodDefinition.Instance, new JsonObject { ["metadata"] = new JsonObject { ["name"] = name, ["uid"] = name }, ["spec"] = spec });
    }
}
