using System.Text.Json.Nodes;
using Orchestrator.Actors.Entities;

namespace Orchestrator.Tests.Entities;

public class StatusConditionsSpec
{
    [Theory]
    [InlineData("""{}""", """{"status":{"conditions":[{"type":"A","status":"True"}]}}""", """[{"type":"A","status":"True"}]""")]
    [InlineData("""{"status":{"conditions":[{"type":"A","status":"True"}]}}""", """{"status":{"conditions":[{"type":"B","status":"True"}]}}""",
        """[{"type":"A","status":"True"},{"type":"B","status":"True"}]""")]
    [InlineData("""{"status":{"conditions":[{"type":"A","status":"True","lastTransitionTime":"1"},{"type":"B","status":"False"}]}}""",
        """{"status":{"conditions":[{"type":"A","status":"False","lastTransitionTime":"2"}]}}""",
        """[{"type":"A","status":"False","lastTransitionTime":"2"},{"type":"B","status":"False"}]""")]
    [InlineData("""{"status":{"conditions":[{"type":"A","status":"True","reason":"x","lastTransitionTime":"1"}]}}""",
        """{"status":{"conditions":[{"type":"A","status":"True","reason":"y","lastTransitionTime":"2"}]}}""",
        """[{"type":"A","status":"True","reason":"y","lastTransitionTime":"1"}]""")]
    public void Conditions_are_merged_by_type(string present, string patch, string expected)
    {
        var given = (JsonObject)JsonNode.Parse(patch)!;
        var merged = StatusConditions.Merged((JsonObject)JsonNode.Parse(present)!, given);
        Assert.True(JsonNode.DeepEquals(JsonNode.Parse(expected), merged["status"]!["conditions"]), merged.ToJsonString());
        Assert.Equal(JsonNode.Parse(patch)!.ToJsonString(), given.ToJsonString());
    }

    [Fact]
    public void The_rest_of_the_patch_stays()
    {
        var merged = StatusConditions.Merged(
            (JsonObject)JsonNode.Parse("""{"status":{"conditions":[{"type":"A"}]}}""")!,
            (JsonObject)JsonNode.Parse("""{"spec":{"nodeName":"n"},"status":{"phase":"Running","reason":null,"conditions":[{"type":"B"}]}}""")!);
        Assert.Equal("n", (string?)merged["spec"]!["nodeName"]);
        Assert.Equal("Running", (string?)merged["status"]!["phase"]);
        Assert.True(merged["status"]!.AsObject().ContainsKey("reason"));
    }
}
