using System.Text.Json.Nodes;
using CsCheck;
using Orchestrator.Actors.Api;

namespace Orchestrator.Tests.Api;

public class JsonMergeSpec
{
    private static readonly Gen<JsonObject> Documents = Gen.Recursive<JsonObject>((depth, self) =>
        Gen.Select(Gen.Char['a', 'd'].Select(c => c.ToString()), Value(depth < 4 ? self : null)).List[0, 4].Select(pairs =>
        {
            var o = new JsonObject();
            foreach (var (name, value) in pairs)
            {
                o[name] = value?.DeepClone();
            }

            return JsonMerge.WithoutNulls(o);
        }));

    [Fact]
    public void Applying_the_diff_of_two_documents_gives_the_second() =>
        Gen.Select(Documents, Documents).Sample((from, to) =>
        {
            var diff = JsonMerge.Diff(from, to);
            var result = diff is null ? (JsonObject)from.DeepClone() : JsonMerge.Apply((JsonObject)from.DeepClone(), diff);
            return JsonNode.DeepEquals(result, to);
        });

    [Fact]
    public void Equal_documents_have_no_diff() => Documents.Sample(d => JsonMerge.Diff(d, (JsonObject)d.DeepClone()) is null);

    [Theory]
    [InlineData("""{"a":1}""", """{"a":null}""", """{}""")]
    [InlineData("""{"a":{"b":1,"c":2}}""", """{"a":{"b":null}}""", """{"a":{"c":2}}""")]
    [InlineData("""{"a":[1,2]}""", """{"a":[3]}""", """{"a":[3]}""")]
    [InlineData("""{"a":"x"}""", """{"a":{"b":{"c":null}}}""", """{"a":{"b":{}}}""")]
    public void A_patch_applies_as_rfc_7386_says(string target, string patch, string expected) =>
        Assert.Equal(expected, JsonMerge.Apply((JsonObject)JsonNode.Parse(target)!, (JsonObject)JsonNode.Parse(patch)!).ToJsonString());

    private static Gen<JsonNode?> Value(Gen<JsonObject>? inner)
    {
        Gen<JsonNode?> number = Gen.Int[0, 3].Select(i => (JsonNode?)JsonValue.Create(i));
        Gen<JsonNode?> array = Gen.Int[0, 3].List[0, 3].Select(l => (JsonNode?)new JsonArray([.. l.Select(i => (JsonNode?)JsonValue.Create(i))]));
        return inner is null ? Gen.OneOf(number, array) : Gen.OneOf(number, array, inner.Select(o => (JsonNode?)o));
    }
}
