using System.Text.Json.Nodes;
using Orchestrator.Actors.Api.Patches;

namespace Orchestrator.Tests.Api;

public sealed class JsonPatchSpec
{
    private const string Document = """{"a":{"x":1,"y/z":"s"},"list":[1,2],"none":null}""";

    [Theory]
    [InlineData("""[{"op":"add","path":"/a/n","value":2},{"op":"remove","path":"/list"},{"op":"remove","path":"/none"}]""", """{"a":{"x":1,"y/z":"s","n":2}}""")]
    [InlineData("""[{"op":"replace","path":"/a","value":{}},{"op":"add","path":"/list/-","value":3},{"op":"add","path":"/list/0","value":0}]""", """{"a":{},"list":[0,1,2,3],"none":null}""")]
    [InlineData("""[{"op":"test","path":"/a/y~1z","value":"s"},{"op":"move","from":"/a/x","path":"/x"},{"op":"copy","from":"/list/1","path":"/none"},{"op":"remove","path":"/a"}]""", """{"list":[1,2],"none":2,"x":1}""")]
    public void Applies_in_order(string patch, string expected)
    {
        var (result, error) = Apply(patch);
        Assert.Null(error);
        Assert.True(JsonNode.DeepEquals(JsonNode.Parse(expected), result), result!.ToJsonString());
    }

    [Theory]
    [InlineData("""[{"op":"replace","path":"/a/n/m","value":1}]""", "operation 0 (replace \"/a/n/m\"): there is no \"/a/n\"")]
    [InlineData("""[{"op":"replace","path":"/a/n","value":1}]""", "operation 0 (replace \"/a/n\"): there is no \"/a/n\"")]
    [InlineData("""[{"op":"remove","path":"/a/x"},{"op":"remove","path":"/a/x"}]""", "operation 1 (remove \"/a/x\"): there is no \"/a/x\"")]
    [InlineData("""[{"op":"add","path":"/b/c","value":1}]""", "operation 0 (add \"/b/c\"): there is no \"/b\"")]
    [InlineData("""[{"op":"add","path":"/list/3","value":1}]""", "operation 0 (add \"/list/3\"): there is no \"/list/3\": \"/list\" has 2 elements")]
    [InlineData("""[{"op":"remove","path":"/list/x"}]""", "operation 0 (remove \"/list/x\"): \"x\" is no place in the list \"/list\"")]
    [InlineData("""[{"op":"add","path":"/a/x/y","value":1}]""", "operation 0 (add \"/a/x/y\"): \"/a/x\" is neither an object nor a list: there is nothing in it")]
    [InlineData("""[{"op":"test","path":"/a/x","value":2}]""", "operation 0 (test \"/a/x\"): the test failed: the value is 1, not 2")]
    [InlineData("""[{"op":"test","path":"/b","value":2}]""", "operation 0 (test \"/b\"): there is no \"/b\"")]
    [InlineData("""[{"op":"move","from":"/b","path":"/c"}]""", "operation 0 (move \"/c\"): from: there is no \"/b\"")]
    [InlineData("""[{"op":"move","from":"/a","path":"/a/b"}]""", "operation 0 (move \"/a/b\"): nothing can be moved into itself")]
    [InlineData("""[{"op":"copy","path":"/c"}]""", "operation 0 (copy \"/c\"): from is missing")]
    [InlineData("""[{"op":"remove","path":""}]""", "operation 0 (remove \"\"): the whole document cannot be removed")]
    [InlineData("""[{"op":"remove","path":"a"}]""", "operation 0 (remove \"a\"): path \"a\" must begin with \"/\"")]
    [InlineData("""[{"op":"add","path":"/c"}]""", "operation 0 (add \"/c\"): value is missing")]
    [InlineData("""[{"op":"swap","path":"/c"}]""", "operation 0 (swap \"/c\"): op must be add, remove, replace, move, copy or test")]
    [InlineData("""[7]""", "operation 0 is not an object")]
    public void Names_the_operation_that_failed_and_what_is_missing(string patch, string expected) => Assert.Equal(expected, Apply(patch).Error);

    [Fact]
    public void Copies_that_double_the_document_in_size_or_depth_end_with_an_error()
    {
        var wide = new JsonArray([.. Enumerable.Range(0, 40).Select(i => (JsonNode)new JsonObject { ["op"] = "copy", ["from"] = "/a", ["path"] = $"/a/x{i}" })]);
        Assert.Contains("copies more than", JsonPatch.Apply(JsonNode.Parse("""{"a":{"b":1}}""")!.AsObject(), wide).Error, StringComparison.Ordinal);

        // Each copy puts the value into its own deepest place.
        var deep = new JsonArray([.. Enumerable.Range(0, 10).Select(i => (JsonNode)new JsonObject { ["op"] = "copy", ["from"] = "/a", ["path"] = $"/a{string.Concat(Enumerable.Repeat("/b", 1 << i))}" })]);
        Assert.Contains("levels", JsonPatch.Apply(JsonNode.Parse("""{"a":{}}""")!.AsObject(), deep).Error, StringComparison.Ordinal);
    }

    private static (JsonObject? Result, string? Error) Apply(string patch) => JsonPatch.Apply((JsonObject)JsonNode.Parse(Document)!, (JsonArray)JsonNode.Parse(patch)!);
}
