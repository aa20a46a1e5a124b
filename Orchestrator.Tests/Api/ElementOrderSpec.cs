using System.Text.Json.Nodes;
using CsCheck;
using Orchestrator.Actors.Api.Patches;
using Orchestrator.Actors.Kinds.Pods;
using Orchestrator.Actors.Resources;
using Orchestrator.Cli.Manifests;
using Orchestrator.Tests.Kit;
using k8s.Models;

namespace Orchestrator.Tests.Api;

/// <summary>Where the items of a merged list stand. Containers are written by their names.</summary>
public class ElementOrderSpec
{
    private static readonly Gen<List<string>> Names = Gen.Int[0, 9].Select(i => $"c{i}").List[0, 8].Select(names => names.Distinct().ToList());

    [Theory]
    // Without an order, new items come last.
    [InlineData("a b", "x", null, "a b x")]
    // Put first, in the middle and last.
    [InlineData("a b", "x", "x a b", "x a b")]
    [InlineData("a b", "x", "a x b", "a x b")]
    [InlineData("a b", "x", "a b x", "a b x")]
    // Turned round, with no item or with all of them.
    [InlineData("a b c", "", "c a b", "c a b")]
    [InlineData("a b c", "c b a", "c b a", "c b a")]
    // What only the server has stays before what it stood before.
    [InlineData("s a b", "x", "x a b", "x s a b")]
    [InlineData("a s b", "x", "a b x", "a s b x")]
    [InlineData("a s b", "", "b a", "s b a")]
    [InlineData("a b s", "x", "a b x", "a b x s")]
    [InlineData("s t", "x y", "x y", "x y s t")]
    // What was taken out since is not missed.
    [InlineData("a b", "-a", "b", "b")]
    [InlineData("a b c", "-b x", "x c a", "x c a")]
    [InlineData("a", "-a", "a b", "")]
    // The whole list anew.
    [InlineData("a b", "! c d", "c d", "c d")]
    [InlineData("", "x y", "x y", "x y")]
    public void Items_stand_as_the_patch_says(string before, string items, string? order, string after)
    {
        var (patched, error) = StrategicMergePatch.Apply(Pod("containers", before), Patch("containers", items, order), PodDefinition.Instance.Schema);
        Assert.Null(error);
        Assert.Equal(after, Items(patched!["spec"]!["containers"]));
    }

    [Theory]
    [InlineData(typeof(V1ObjectMeta), """{"finalizers":["a/1","s/1"]}""", """{"$setElementOrder/finalizers":["b/1","a/1"],"finalizers":["b/1"]}""", """{"finalizers":["b/1","a/1","s/1"]}""")]
    [InlineData(typeof(V1ObjectMeta), """{"finalizers":["a/1","a/2"]}""", """{"$deleteFromPrimitiveList/finalizers":["a/1"],"$setElementOrder/finalizers":["a/3","a/2"],"finalizers":["a/3"]}""", """{"finalizers":["a/3","a/2"]}""")]
    [InlineData(typeof(V1Container), """{"ports":[{"containerPort":1},{"containerPort":2}]}""", """{"$setElementOrder/ports":[{"containerPort":2},{"containerPort":1}]}""", """{"ports":[{"containerPort":2},{"containerPort":1}]}""")]
    [InlineData(typeof(V1ServiceSpec), """{"ports":[{"port":1},{"port":2}]}""", """{"$setElementOrder/ports":[{"port":2},{"port":1}]}""", """{"ports":[{"port":2},{"port":1}]}""")]
    [InlineData(typeof(V1Container), """{"volumeMounts":[{"mountPath":"/a","name":"v"}]}""", """{"$setElementOrder/volumeMounts":[{"mountPath":"/b"},{"mountPath":"/a"}],"volumeMounts":[{"mountPath":"/b","name":"w"}]}""",
        """{"volumeMounts":[{"mountPath":"/b","name":"w"},{"mountPath":"/a","name":"v"}]}""")]
    // Inside an item that merges.
    [InlineData(typeof(V1PodSpec), """{"containers":[{"name":"a","env":[{"name":"URL"}]},{"name":"b"}]}""",
        """{"$setElementOrder/containers":[{"name":"a"},{"name":"b"}],"containers":[{"name":"a","$setElementOrder/env":[{"name":"HOST"},{"name":"URL"}],"env":[{"name":"HOST","value":"h"}]}]}""",
        """{"containers":[{"name":"a","env":[{"name":"HOST","value":"h"},{"name":"URL"}]},{"name":"b"}]}""")]
    // A list that is replaced is as the patch has it, and one that is not there stays away.
    [InlineData(typeof(V1PodSpec), """{"tolerations":[{"key":"a"}]}""", """{"$setElementOrder/tolerations":[{"key":"b"},{"key":"c"}],"tolerations":[{"key":"b"},{"key":"c"}]}""", """{"tolerations":[{"key":"b"},{"key":"c"}]}""")]
    [InlineData(typeof(V1Container), """{"a":1}""", """{"$setElementOrder/env":[{"name":"x"}]}""", """{"a":1}""")]
    [InlineData(typeof(V1Container), """{"env":[{"name":"x"}]}""", """{"$setElementOrder/env":[],"env":null}""", """{}""")]
    public void Every_list_that_merges_has_an_order(Type model, string target, string patch, string expected) =>
        Assert.Equal(expected, StrategicMergePatch.Apply(Parse(target), Parse(patch), BuiltIn.Schemas.Of(model)).Result?.ToJsonString());

    [Theory]
    [InlineData(typeof(V1Container), """{"$setElementOrder/env":[{"name":"a"},{"name":"b"}],"env":[{"name":"b"},{"name":"a"}]}""",
        "the items of env do not stand in the order of $setElementOrder/env: name \"a\" is not in it, or in another place")]
    [InlineData(typeof(V1PodSpec), """{"containers":[{"name":"c","$setElementOrder/env":[{"name":"a"}],"env":[{"name":"b"}]}]}""",
        "the items of env do not stand in the order of $setElementOrder/env: name \"b\" is not in it, or in another place")]
    [InlineData(typeof(V1ObjectMeta), """{"finalizers":["x/1"],"$setElementOrder/finalizers":["y/1"]}""",
        "the items of finalizers do not stand in the order of $setElementOrder/finalizers: \"x/1\" is not in it, or in another place")]
    [InlineData(typeof(V1Container), """{"$setElementOrder/ports":[{"name":"a"}]}""", "$setElementOrder/ports must be a list of items with their containerPort")]
    [InlineData(typeof(V1Container), """{"$setElementOrder/env":["a"]}""", "$setElementOrder/env must be a list of items with their name")]
    public void An_order_that_contradicts_the_items_is_refused(Type model, string patch, string sentence) =>
        Assert.Equal((null, sentence), StrategicMergePatch.Apply([], Parse(patch), BuiltIn.Schemas.Of(model)));

    [Fact]
    public void Applying_a_manifest_gives_its_order_and_a_second_time_changes_nothing()
    {
        var rules = MergeRules.Of(PublishedSchemas.Document("api/v1"), "io.k8s.api.core.v1.Pod");
        Gen.Select(Names, Names, Names).Sample((applied, live, wanted) =>
        {
            var (before, there, manifest) = (Pod("containers", applied), Pod("containers", live), Pod("containers", wanted));
            var patch = ThreeWayPatch.Compute(before, manifest, there, rules);
            var (after, error) = StrategicMergePatch.Apply(Parse(there.ToJsonString()), patch, PodDefinition.Instance.Schema);
            Assert.Null(error);
            var names = Items(after!["spec"]!["containers"]).Split(' ', StringSplitOptions.RemoveEmptyEntries);
            Assert.Equal(wanted, names.Where(wanted.Contains));
            Assert.Equal(live.Except(wanted).Except(applied), names.Except(wanted));
            Assert.Empty(ThreeWayPatch.Compute(manifest, manifest, after!, rules));
            Assert.Equal(after!.ToJsonString(), StrategicMergePatch.Apply(Parse(after.ToJsonString()), patch, PodDefinition.Instance.Schema).Result!.ToJsonString());
        });
    }

    private static JsonObject Pod(string list, string names) => Pod(list, names.Split(' ', StringSplitOptions.RemoveEmptyEntries));

    private static JsonObject Pod(string list, IEnumerable<string> names) =>
        new() { ["spec"] = new JsonObject { [list] = new JsonArray([.. names.Select(n => new JsonObject { ["name"] = n })]) } };

    // "x -a !": x merged, a deleted, and the list replaced.
    private static JsonObject Patch(string list, string items, string? order)
    {
        var spec = new JsonObject();
        if (order is not null)
        {
            spec[$"$setElementOrder/{list}"] = Pod(list, order)["spec"]![list]!.DeepClone();
        }

        if (items.Length > 0)
        {
            spec[list] = new JsonArray([.. items.Split(' ').Select(i => i[0] switch
            {
                '-' => new JsonObject { ["$patch"] = "delete", ["name"] = i[1..] },
                '!' => new JsonObject { ["$patch"] = "replace" },
                _ => new JsonObject { ["name"] = i },
            })]);
        }

        return new JsonObject { ["spec"] = spec };
    }

    private static string Items(JsonNode? list) => string.Join(' ', list!.AsArray().Select(c => (string?)c!["name"]));

    private static JsonObject Parse(string json) => JsonNode.Parse(json)!.AsObject();
}
