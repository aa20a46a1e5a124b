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
    [InlineData("""{"status":{"conditions":[{"type":"A"},{"type":"B"}]}}""", """{"status":{"conditions":[{"type":"A","$patch":"delete"},{"type":"C","$patch":"delete"},{"type":"D"}]}}""",
        """[{"type":"B"},{"type":"D"}]""")]
    [InlineData("""{}""", """{"status":{"conditions":[{"type":"A","$patch":"delete"},{"type":"B"}]}}""", """[{"type":"B"}]""")]
    public void Conditions_are_merged_by_type(string present, string patch, string expected)
    {
        var given = (JsonObject)JsonNode.Parse(patch)!;
        var merged = StatusConditions.Merged((JsonObject)JsonNode.Parse(present)!, given);
        Assert.True(JsonNode.DeepEquals(JsonNode.Parse(expected), merged["status"]!["conditions"]), merged.ToJsonString());
        Assert.Equal(JsonNode.Parse(patch)!.ToJsonString(), given.ToJsonString());
    }

    [Fact]
    public void A_writer_takes_away_what_it_knew_and_nothing_else()
    {
        var (before, after) = (Status("A", "B"), Status("B"));
        var change = StatusConditions.WithRemovals((JsonObject)JsonNode.Parse("""{"conditions":[{"type":"B"}]}""")!, before, after);
        var merged = StatusConditions.Merged(new JsonObject { ["status"] = Status("A", "B", "Foreign") }, new JsonObject { ["status"] = change });
        Assert.Equal(["B", "Foreign"], merged["status"]!["conditions"]!.AsArray().Select(c => (string)c!["type"]!));

        static JsonObject Status(params string[] types) => new() { ["conditions"] = new JsonArray([.. types.Select(t => new JsonObject { ["type"] = t })]) };
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
