using System.Text.Json.Nodes;
using Orchestrator.Actors.Api;
using Orchestrator.Actors.Feed;
using Orchestrator.Actors.Kinds.ConfigMaps;

namespace Orchestrator.Tests.Feed;

public sealed class ChangeRingSpec
{
    [Theory]
    [InlineData(3, 1_000_000, 7)]
    [InlineData(100, 2_500, 8)]
    [InlineData(100, 10, 9)]
    public void It_forgets_the_oldest_when_it_holds_too_many_or_too_much(int capacity, long bytes, long floor)
    {
        var rings = new ChangeRings(capacity, bytes);
        rings.Add("configmaps", [.. Enumerable.Range(1, 10).Select(revision => new ObjectChange("ADDED", ObjectOf(1_000), null, revision))]);
        Assert.Equal(floor, rings.Of("configmaps").Floor);
        Assert.Equal(10 - floor, rings.Of("configmaps").After(floor).Count());
    }

    [Fact]
    public void The_kind_that_holds_most_gives_way_and_the_others_keep_what_they_have()
    {
        var rings = new ChangeRings(1_000, 20_000);
        rings.Begin(7);
        rings.Add("services", [new ObjectChange("ADDED", ObjectOf(1_000), null, 8)]);
        for (var revision = 9; revision < 500; revision++)
        {
            rings.Add("pods", [new ObjectChange("ADDED", ObjectOf(1_000), null, revision)]);
        }

        Assert.Equal(7, rings.Of("services").Floor);
        Assert.Single(rings.Of("services").After(7));
        Assert.InRange(rings.Of("pods").Count, 10, 20);
        Assert.Equal(7, rings.Of("secrets").Floor);
    }

    private static KubeObject ObjectOf(int bytes) => KubeObject.From(ConfigMapDefinition.Instance, new JsonObject
    {
        ["metadata"] = new JsonObject { ["name"] = "a" },
        ["data"] = new JsonObject { ["k"] = new string('x', bytes) },
    });
}
