using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using CsCheck;
using Orchestrator.Actors.Api;

namespace Orchestrator.Tests.Api;

/// <summary>Merging bytes gives what merging trees gives.</summary>
public sealed class JsonMergeWriterSpec
{
    private static readonly string[] SomeNames = ["a", "b", "metadata", "resourceVersion", "status", "q\"é", ""];
    private static readonly Func<JsonNode?>[] SomeLeaves =
    [
        () => null,
        () => 1,
        () => 2,
        () => "x",
        () => "<é\n\"",
        () => new JsonArray(1, null, new JsonObject { ["n"] = null }),
        () => new JsonArray(),
    ];

    private static readonly Gen<string> Names = Gen.Int[0, SomeNames.Length - 1].Select(i => SomeNames[i]);
    private static readonly Gen<Func<JsonNode?>> Leaves = Gen.Int[0, SomeLeaves.Length - 1].Select(i => SomeLeaves[i]);

    private static readonly Gen<Func<JsonObject>> Objects = Gen.Recursive<Func<JsonObject>>((depth, self) =>
        Gen.Select(Names, depth < 4 ? Gen.OneOf(Leaves, self.Select(o => (Func<JsonNode?>)(() => o()))) : Leaves).List[0, 5]
            .Select(members => (Func<JsonObject>)(() =>
            {
                var made = new JsonObject();
                foreach (var (name, value) in members)
                {
                    made[name] = value();
                }

                return made;
            })));

    [Fact]
    public void The_bytes_are_those_of_the_merged_tree() => Gen.Select(Objects, Objects).Sample((target, patch) =>
    {
        var (before, change) = (JsonMerge.WithoutNulls(target()), patch());
        foreach (var o in (JsonObject[])[before, change])
        {
            if (o.ContainsKey("metadata") && o["metadata"] is not JsonObject)
            {
                o["metadata"] = new JsonObject();
            }
        }

        var merged = JsonMerge.Apply((JsonObject)before.DeepClone(), change);
        var metadata = merged["metadata"] as JsonObject ?? [];
        merged["metadata"] ??= metadata;
        metadata["resourceVersion"] = "7";
        var bytes = JsonMergeWriter.Merge(JsonSerializer.SerializeToUtf8Bytes(before), change, "7");
        Assert.True(JsonNode.DeepEquals(merged, JsonNode.Parse(bytes)), $"{before.ToJsonString()} + {change.ToJsonString()} = {Encoding.UTF8.GetString(bytes)}");
    });

    [Theory]
    [InlineData("""{"kind":"Pod","metadata":{"name":"a","resourceVersion":"1","labels":{"x":"1"}},"spec":{"a":[1, 2]}}""", """{"spec":{"nodeName":"n"},"metadata":{"labels":{"x":null,"y":"2"},"generation":2},"status":{"phase":"Pending","x":null}}""",
        """{"kind":"Pod","metadata":{"name":"a","resourceVersion":"7","labels":{"y":"2"},"generation":2},"spec":{"a":[1, 2],"nodeName":"n"},"status":{"phase":"Pending"}}""")]
    [InlineData("{}", """{"kind":"Pod","metadata":{"name":"a"},"spec":{}}""", """{"kind":"Pod","metadata":{"name":"a","resourceVersion":"7"},"spec":{}}""")]
    [InlineData("""{"metadata":{"name":"a"}}""", "{}", """{"metadata":{"name":"a","resourceVersion":"7"}}""")]
    public void Members_keep_their_place_and_what_is_left_alone_keeps_its_bytes(string target, string patch, string expected) =>
        Assert.Equal(expected, Encoding.UTF8.GetString(JsonMergeWriter.Merge(Encoding.UTF8.GetBytes(target), (JsonObject)JsonNode.Parse(patch)!, "7")));
}
