using System.Text.Json.Nodes;
using CsCheck;
using Orchestrator.Actors.Api;
using Orchestrator.Actors.Feed;
using Orchestrator.Actors.Kinds.ConfigMaps;

namespace Orchestrator.Tests.Feed;

public class ObjectMapSpec
{
    // Some of them differ from another only behind its end, where the slash decides.
    private static readonly Gen<string> Namespaces = OneOf("a", "a-b", "a.b", "a0", "ab", "b", "");
    private static readonly Gen<string> Names = OneOf("x", "x-1", "x.1", "x1", "y");
    private static readonly Gen<List<(string Namespace, string Name, bool IsPut)>> Changes = Gen.Select(Namespaces, Names, Gen.Bool).List[0, 60];

    [Fact]
    public void It_holds_what_was_put_and_not_removed_in_the_order_of_the_keys() =>
        Gen.Select(Changes, Changes).Sample((first, second) =>
        {
            var expected = new SortedDictionary<string, KubeObject>(StringComparer.Ordinal);
            var before = Changed(ObjectMap.Empty, first, expected);
            var then = expected.Values.ToList();
            var after = Changed(before, second, expected);
            return before.SequenceEqual(then) && before.Count == then.Count // A changed map leaves the former one as it was.
                && after.SequenceEqual(expected.Values) && after.Count == expected.Count
                && expected.All(e => after.Find(e.Value.Namespace, e.Value.Name) == e.Value)
                && expected.Values.GroupBy(o => o.Namespace).All(g => after.In(g.Key).SequenceEqual(g))
                && !after.In("other").Any() && after.Find("a", "other") is null;
        });

    private static Gen<string> OneOf(params string[] values) => Gen.Int[0, values.Length - 1].Select(i => values[i]);

    private static ObjectMap Changed(ObjectMap map, List<(string Namespace, string Name, bool IsPut)> changes, SortedDictionary<string, KubeObject> expected)
    {
        var builder = map.ToBuilder();
        foreach (var (ns, name, isPut) in changes)
        {
            var item = KubeObject.From(ConfigMapDefinition.Instance, new JsonObject { ["metadata"] = new JsonObject { ["name"] = name, ["namespace"] = ns } });
            if (isPut)
            {
                builder.Put(item);
                expected[$"{ns}/{name}"] = item;
            }
            else
            {
                builder.Remove(item);
                expected.Remove($"{ns}/{name}");
            }
        }

        return builder.ToMap();
    }
}
