using System.Text.Json.Nodes;
using Orchestrator.Actors.Api.Patches;
using Orchestrator.Actors.Kinds.Nodes;
using Orchestrator.Actors.Kinds.Pods;

namespace Orchestrator.Tests.Api;

/// <summary>Which lists merge and which are replaced.</summary>
public class StrategicMergePatchSpec
{
    [Fact]
    public void Taints_are_replaced_so_that_one_can_be_taken_away()
    {
        var node = Parse("""{"spec":{"taints":[{"key":"a","effect":"NoSchedule"},{"key":"b","effect":"NoSchedule"}]}}""");
        var (patched, _) = StrategicMergePatch.Apply(node, Parse("""{"spec":{"taints":[{"key":"b","effect":"NoSchedule"}]}}"""), NodeDefinition.Instance.Schema);
        Assert.Equal("""{"spec":{"taints":[{"key":"b","effect":"NoSchedule"}]}}""", patched!.ToJsonString());
    }

    [Fact]
    public void Containers_merge_by_name()
    {
        var pod = Parse("""{"spec":{"containers":[{"name":"a","image":"x:1","tty":true},{"name":"b","image":"y:1"}]}}""");
        var (patched, _) = StrategicMergePatch.Apply(pod, Parse("""{"spec":{"containers":[{"name":"a","image":"x:2"},{"$patch":"delete","name":"b"}]}}"""), PodDefinition.Instance.Schema);
        Assert.Equal("""{"spec":{"containers":[{"name":"a","image":"x:2","tty":true}]}}""", patched!.ToJsonString());
    }

    [Theory]
    [InlineData("""{"spec":{"$patch":1}}""", "$patch")]
    [InlineData("""{"spec":{"containers":[{"$patch":"merged","name":"b"}]}}""", "$patch")]
    [InlineData("""{"spec":{"$retainKeys":"a"}}""", "$retainKeys")]
    [InlineData("""{"spec":{"$retainKeys":[null]}}""", "$retainKeys")]
    [InlineData("""{"metadata":{"$deleteFromPrimitiveList/finalizers":{"a":1}}}""", "$deleteFromPrimitiveList/finalizers")]
    [InlineData("""{"metadata":{"$setElementOrder/finalizers":[null]}}""", "$setElementOrder/finalizers")]
    public void A_directive_without_meaning_is_named(string patch, string directive)
    {
        var (patched, error) = StrategicMergePatch.Apply(Parse("""{"spec":{"a":1},"metadata":{"finalizers":["x"]}}"""), Parse(patch), PodDefinition.Instance.Schema);
        Assert.Null(patched);
        Assert.StartsWith($"{directive} must be ", error, StringComparison.Ordinal);
    }

    [Fact]
    public void What_replaces_an_object_leaves_no_directive_behind()
    {
        var (patched, _) = StrategicMergePatch.Apply(Parse("""{"spec":{"a":1}}"""),
            Parse("""{"spec":{"$patch":"replace","$setElementOrder/containers":[{"name":"b"},{"name":"a"}],"containers":[{"name":"b"},{"name":"a","$patch":"merge"}]}}"""), PodDefinition.Instance.Schema);
        Assert.Equal("""{"spec":{"containers":[{"name":"b"},{"name":"a"}]}}""", patched!.ToJsonString());
    }

    private static JsonObject Parse(string json) => JsonNode.Parse(json)!.AsObject();
}
