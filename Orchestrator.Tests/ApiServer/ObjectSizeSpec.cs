using System.Text.Json.Nodes;
using Orchestrator.Actors.Api;
using Orchestrator.Actors.Kinds.ConfigMaps;
using Orchestrator.Node.ApiServer.Answers;
using Orchestrator.Node.ApiServer.Writes;

namespace Orchestrator.Tests.ApiServer;

/// <summary>An object is at most 1.5 MiB.</summary>
public class ObjectSizeSpec
{
    private const int Edge = ObjectSize.Limit - 200;

    [Theory]
    [InlineData(10, null, false)]
    [InlineData(Edge, null, false)]
    [InlineData(ObjectSize.Limit, null, true)]
    [InlineData(ObjectSize.Limit, 100, true)] // grows
    [InlineData(ObjectSize.Limit + 5_000, ObjectSize.Limit + 9_000, false)] // stored by a former version, and shrinks
    [InlineData(ObjectSize.Limit + 9_000, ObjectSize.Limit + 5_000, true)]
    public void A_new_version_may_be_so_large(int bytes, int? before, bool isRefused)
    {
        var current = before is { } b ? KubeObject.From(ConfigMapDefinition.Instance, Map(b)) : null;
        var refusal = Record.Exception(() => ObjectSize.Check(ConfigMapDefinition.Instance, Map(bytes), current, bytes));
        Assert.Equal(isRefused, refusal is ApiException { Error.Reason: ApiReason.RequestEntityTooLarge });
    }

    [Fact]
    public void A_small_patch_can_not_make_a_large_object_larger_than_the_limit()
    {
        var current = KubeObject.From(ConfigMapDefinition.Instance, Map(Edge));
        Assert.Throws<ApiException>(() => ObjectSize.Check(ConfigMapDefinition.Instance, Map(ObjectSize.Limit), current, 300));
    }

    private static JsonObject Map(int bytes) => new()
    {
        ["apiVersion"] = "v1", ["kind"] = "ConfigMap", ["metadata"] = new JsonObject { ["name"] = "a" }, ["data"] = new JsonObject { ["text"] = new string('x', bytes) },
    };
}
