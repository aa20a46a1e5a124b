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
        var ring = new ChangeRing(capacity, bytes);
        for (var revision = 1; revision <= 10; revision++)
        {
            ring.Add(new ObjectChange("ADDED", ObjectOf(1_000), null, revision));
        }

        Assert.Equal(floor, ring.Floor);
        Assert.Equal(10 - floor, ring.After(floor).Count());
    }

    private static KubeObject ObjectOf(int bytes) => KubeObject.From(ConfigMapDefinition.Instance, new JsonObject
    {
        ["metadata"] = new JsonObject { ["name"] = "a" },
        ["data"] = new JsonObject { ["k"] = new string('x', bytes) },
    });
}
