using System.Text.Json.Nodes;
using CsCheck;
using Orchestrator.Actors.Api;
using Orchestrator.Actors.Feed;
using Orchestrator.Actors.Kinds.Pods;

namespace Orchestrator.Tests.Feed;

public sealed class ObjectIndexSpec
{
    private static readonly string?[] Nodes = [null, "n1", "n2"];
    private static readonly string?[] Owners = [null, "o1", "o2"];

    [Fact]
    public void It_finds_what_a_scan_of_the_present_objects_finds() =>
        Gen.Select(Gen.Int[0, 4], Gen.Int[0, 2], Gen.Int[0, 2], Gen.Bool).Array[1, 40].Sample(steps =>
        {
            var index = new ObjectIndex();
            Dictionary<int, KubeObject> present = [];
            foreach (var (id, node, owner, isGone) in steps)
            {
                var before = present.GetValueOrDefault(id);
                var after = isGone ? null : Pod(id, Nodes[node], Owners[owner]);
                index.Apply([(before, after)]);
                present.Remove(id);
                if (after is not null)
                {
                    present[id] = after;
                }
            }

            bool Same(IndexKey key, Func<KubeObject, bool> stands) => index.Find(key).ToHashSet().SetEquals(present.Values.Where(stands));
            return Same(IndexKey.Node("n1"), o => o.NodeName == "n1") && Same(IndexKey.Node("n2"), o => o.NodeName == "n2")
                && Same(IndexKey.Owner("o1"), o => o.Owners.Any(w => w.Uid == "o1")) && Same(IndexKey.Namespace("default"), _ => true)
                && Same(IndexKey.Orphans(PodDefinition.Instance, "default"), o => o.Controller is null);
        });

    private static KubeObject Pod(int id, string? node, string? owner)
    {
        var metadata = new JsonObject { ["name"] = $"p{id}", ["namespace"] = "default", ["uid"] = $"u{id}" };
        if (owner is not null)
        {
            metadata["ownerReferences"] = new JsonArray(new JsonObject { ["kind"] = "ReplicaSet", ["name"] = owner, ["uid"] = owner, ["controller"] = true });
        }

        return KubeObject.From(PodDefinition.Instance, new JsonObject { ["metadata"] = metadata, ["spec"] = node is null ? [] : new JsonObject { ["nodeName"] = node } });
    }
}
