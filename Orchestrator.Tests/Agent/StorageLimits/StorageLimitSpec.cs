using System.Collections.Immutable;
using System.Text.Json.Nodes;
using k8s.Models;
using Orchestrator.Actors.Api;
using Orchestrator.Actors.Kinds.Pods;
using Orchestrator.Node.Agent.Eviction;
using Orchestrator.Node.Agent.StorageLimits;

namespace Orchestrator.Tests.Agent.StorageLimits;

/// <summary>Whether a pod takes more of the disk than it may (Kubernetes, "Local ephemeral storage").</summary>
public sealed class StorageLimitSpec
{
    private const string Volume = """ "volumes":[{"name":"v","emptyDir":{"sizeLimit":"1Mi"}},{"name":"free","emptyDir":{}},{"name":"m","emptyDir":{"medium":"Memory","sizeLimit":"1Mi"}}], """;
    private const string Limit = """ "resources":{"limits":{"ephemeral-storage":"2Mi"}} """;

    [Theory]
    [InlineData(Volume, "", "", 1024, 0, 0, null)]
    [InlineData(Volume, "", "", 1025, 0, 0, "Usage of EmptyDir volume \"v\" exceeds the limit \"1Mi\".")]
    [InlineData("", Limit, Limit, 0, 2048, 2048, null)]
    [InlineData("", Limit, Limit, 0, 2049, 0, "Container a exceeded its local ephemeral storage limit \"2Mi\".")]
    [InlineData("", Limit, "", 0, 2000, 9999, "Pod ephemeral local storage usage exceeds the total limit of containers 2Mi.")]
    [InlineData(Volume, Limit, Limit, 1000, 2000, 2000, "Pod ephemeral local storage usage exceeds the total limit of containers 4Mi.")]
    [InlineData("", "", "", 99999, 99999, 99999, null)]
    public void Volumes_then_the_pod_then_containers(string volumes, string a, string b, long inVolume, long byA, long byB, string? message)
    {
        var spec = Spec(volumes, a, b);
        Assert.Equal(volumes.Length + a.Length + b.Length > 0, StorageLimit.IsLimited(spec));
        var use = new PodUse([new ContainerUse("a", Layer: Kilobytes(byA / 2), Logs: Kilobytes(byA - (byA / 2))), new ContainerUse("b", Layer: Kilobytes(byB))],
            ImmutableDictionary<string, DiskUse>.Empty.Add("v", Kilobytes(inVolume)));
        Assert.Equal(message, StorageLimit.Exceeded(spec, use));
    }

    [Fact]
    public void A_volume_in_memory_is_bounded_by_the_kernel()
    {
        var spec = Spec(""" "volumes":[{"name":"m","emptyDir":{"medium":"Memory","sizeLimit":"1Mi"}}], """, "", "");
        Assert.False(StorageLimit.IsLimited(spec));
    }

    private static DiskUse Kilobytes(long number) => new(number * 1024, 1);

    private static V1PodSpec Spec(string volumes, string a, string b) => PodSpecs.Of(KubeObject.From(PodDefinition.Instance, (JsonObject)JsonNode.Parse($$"""
        {"apiVersion":"v1","kind":"Pod","metadata":{"name":"p","namespace":"default","uid":"u"},
         "spec":{ {{volumes}} "containers":[{"name":"a","image":"i"{{(a.Length > 0 ? "," : "")}}{{a}} },{"name":"b","image":"i"{{(b.Length > 0 ? "," : "")}}{{b}} }]} }
        """)!));
}
