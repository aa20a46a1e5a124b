using System.Text.Json.Nodes;
using Orchestrator.Actors.Api;
using Orchestrator.Actors.Entities;
using Orchestrator.Actors.Kinds.Pods;
using Orchestrator.Node.Agent.StaticPods;
using Orchestrator.Tests.Kit;

namespace Orchestrator.Tests.Agent.StaticPods;

/// <summary>Files that ask for pods, and what is done for them.</summary>
public sealed class StaticPodSpec : IDisposable
{
    private const string Web = "apiVersion: v1\nkind: Pod\nmetadata: {name: web, labels: {app: web}}\nspec: {containers: [{name: main, image: \"shop:1\"}]}\n";
    private readonly TempFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void A_file_is_a_pod_of_the_node()
    {
        File.WriteAllText(_folder.File("web.yaml"), Web);
        File.WriteAllText(_folder.File(".web.yaml.swp"), "no yaml: [");
        var pod = Assert.Single(Read().Pods);
        Assert.Equal(("default", "web-n1"), (pod.Key.Namespace, pod.Key.Name));
        Assert.Equal("n1", (string?)pod.Object["spec"]!["nodeName"]);
        Assert.Equal(("file", pod.Hash), ((string?)pod.Object["metadata"]!["annotations"]!["kubernetes.io/config.source"], (string?)pod.Object["metadata"]!["annotations"]!["kubernetes.io/config.mirror"]));
        Assert.Equal("web", (string?)pod.Object["metadata"]!["labels"]!["app"]);
        Assert.Equal(pod.Hash, Assert.Single(Read().Pods).Hash);
        File.WriteAllText(_folder.File("web.yaml"), Web.Replace("shop:1", "shop:2", StringComparison.Ordinal));
        Assert.NotEqual(pod.Hash, Assert.Single(Read().Pods).Hash);
        Assert.Empty(StaticPodFiles.Read(_folder.File("nowhere"), "n1").Pods);
    }

    [Theory]
    [InlineData("a: [", "bad.yaml: ")]
    [InlineData("apiVersion: apps/v1\nkind: Deployment\n", "a static pod is an object of apiVersion v1 and kind Pod")]
    [InlineData("apiVersion: v1\nkind: Pod\nmetadata: {name: x}\nspec: {containres: []}\n", "unknown field spec.containres")]
    [InlineData("apiVersion: v1\nkind: Pod\nmetadata: {name: x}\nspec: {containers: 7}\n", "spec.containers")]
    [InlineData("apiVersion: v1\nkind: Pod\nmetadata: {}\nspec: {containers: []}\n", "a static pod needs metadata.name and spec")]
    [InlineData("apiVersion: v1\nkind: 1\n", "bad.yaml: ")]
    [InlineData(Web, "another file has pod default/web-n1 too")]
    public void What_is_wrong_with_a_file_is_said_and_the_others_count(string text, string why)
    {
        File.WriteAllText(_folder.File("a.yaml"), Web);
        File.WriteAllText(_folder.File("bad.yaml"), text);
        var (pods, wrong) = Read();
        Assert.Single(pods);
        Assert.StartsWith("bad.yaml: ", Assert.Single(wrong), StringComparison.Ordinal);
        Assert.Contains(why, wrong[0], StringComparison.Ordinal);
    }

    [Fact]
    public void A_pod_is_created_replaced_and_deleted_as_its_file_is()
    {
        File.WriteAllText(_folder.File("web.yaml"), Web);
        var wanted = Read().Pods;
        Assert.IsType<CreateObject>(Assert.Single(Plan(wanted)));
        Assert.Empty(Plan(wanted, There(wanted[0])));
        Assert.IsType<DeleteObject>(Assert.Single(Plan([], There(wanted[0]))));
        Assert.IsType<DeleteObject>(Assert.Single(Plan(wanted, There(wanted[0] with { Object = WithHash("other") }))));

        // One that goes is waited for, and pods of others are nobody's business here.
        Assert.Empty(Plan(wanted, There(wanted[0] with { Object = WithHash("other") }, isDeleting: true)));
        Assert.Empty(Plan([], KubeObject.From(PodDefinition.Instance, """{"metadata":{"name":"web-n1","namespace":"default","uid":"u"}}"""u8)));

        JsonObject WithHash(string hash)
        {
            var o = (JsonObject)wanted[0].Object.DeepClone();
            o["metadata"]!["annotations"]!["kubernetes.io/config.hash"] = hash;
            return o;
        }
    }

    private static IReadOnlyList<ObjectCommand> Plan(IReadOnlyList<StaticPod> wanted, params KubeObject[] pods) => StaticPodPlanner.Plan(wanted, pods, "system:node:n1");

    private static KubeObject There(StaticPod pod, bool isDeleting = false)
    {
        var o = (JsonObject)pod.Object.DeepClone();
        o["metadata"]!["uid"] = "u";
        if (isDeleting)
        {
            o["metadata"]!["deletionTimestamp"] = "2026-01-02T03:04:05Z";
        }

        return KubeObject.From(PodDefinition.Instance, o);
    }

    private (IReadOnlyList<StaticPod> Pods, IReadOnlyList<string> Wrong) Read() => StaticPodFiles.Read(_folder.Path, "n1");
}
