using System.Text.Json.Nodes;
using CsCheck;
using Orchestrator.Actors.Kinds.Pods;
using Orchestrator.Actors.Resources;
using Orchestrator.Actors.Schema;
using k8s;

namespace Orchestrator.Tests.Schema;

/// <summary>What a schema accepts, refuses and removes.</summary>
public class SchemaCheckSpec
{
    // Values that are right somewhere and wrong elsewhere.
    private static readonly string[] Values =
    [
        "null", "true", "0", "1", "-1", "1.5", "3e9", "9e99", "\"\"", "\"x\"", "\"1\"", "\"100m\"", "\"2Gi\"", "\"1e400\"", "\"eA==\"", "\"2026-01-02T15:04:05Z\"",
        "\"2026-01-02T15:04:05.123456Z\"", "\"2026-01-02T15:04:05+02:00\"", "\"2026-01-02\"", "\"2026-13-02T15:04:05Z\"", "[]", "[1]", "[\"x\"]", "[{}]", "{}", "{\"x\":\"y\"}", "{\"x\":1}",
        "{\"x\":{}}", "2147483648", "9223372036854775807", "9223372036854775808",
    ];

    [Fact]
    public void What_the_schema_accepts_can_be_read_as_its_model_class()
    {
        foreach (var kind in BuiltIn.All.Concat(BuiltIn.Views).Where(k => k.Model is not null))
        {
            (from path in Path(kind.Schema, 8) from value in Gen.Int[0, Values.Length - 1].Select(i => Values[i]) select (path, value)).Sample(sample =>
            {
                var o = new JsonObject();
                Put(o, kind.Schema, sample.path, JsonNode.Parse(sample.value));
                if (SchemaCheck.Prune(kind.Schema, o).Mismatch is null)
                {
                    var json = o.ToJsonString();
                    var read = typeof(KubernetesJson).GetMethods().Single(m => m.Name == "Deserialize" && m.GetParameters()[0].ParameterType == typeof(string)).MakeGenericMethod(kind.Model!);
                    Assert.True(Record.Exception(() => read.Invoke(null, [json, null])) is null, $"{kind} {json}");
                }
            }, iter: 300);
        }
    }

    [Theory]
    [InlineData("""{"spec":{"containers":[{"name":"a"},{"name":1}]}}""", "spec.containers[1].name: expected a string, got 1")]
    [InlineData("""{"metadata":{"labels":{"a":true}}}""", "metadata.labels.a: expected a string, got true")]
    [InlineData("""{"spec":{"containers":{}}}""", "spec.containers: expected an array, got {}")]
    [InlineData("""{"spec":[]}""", "spec: expected an object, got []")]
    [InlineData("""{"spec":{"hostNetwork":"yes"}}""", "spec.hostNetwork: expected a boolean, got \"yes\"")]
    [InlineData("""{"spec":{"priority":1.5}}""", "spec.priority: expected a whole number (int32), got 1.5")]
    [InlineData("""{"spec":{"activeDeadlineSeconds":"5"}}""", "spec.activeDeadlineSeconds: expected a whole number (int64), got \"5\"")]
    [InlineData("""{"spec":{"containers":[{"resources":{"limits":{"cpu":"lots"}}}]}}""", "spec.containers[0].resources.limits.cpu: expected a quantity such as 100m, 0.5 or 64Mi, got \"lots\"")]
    [InlineData("""{"metadata":{"creationTimestamp":"yesterday"}}""", "metadata.creationTimestamp: expected a time such as 2026-01-02T15:04:05Z, got \"yesterday\"")]
    public void A_value_of_a_wrong_type_is_named_with_its_path(string json, string mismatch) =>
        Assert.Equal(mismatch, SchemaCheck.Prune(PodDefinition.Instance.Schema, Parse(json)).Mismatch);

    [Fact]
    public void Unknown_fields_are_removed_and_named_with_their_paths()
    {
        var o = Parse("""{"sepc":1,"spec":{"containers":[{"name":"a"},{"nmae":{"x":1},"name":"b"}]},"metadata":{"labels":{"any":"name"}}}""");
        Assert.Equal(["sepc", "spec.containers[1].nmae"], SchemaCheck.Prune(PodDefinition.Instance.Schema, o).Unknown.ToArray());
        Assert.Equal("""{"spec":{"containers":[{"name":"a"},{"name":"b"}]},"metadata":{"labels":{"any":"name"}}}""", o.ToJsonString());
    }

    // A random way into the schema, as names.
    private static Gen<string[]> Path(SchemaNode node, int depth)
    {
        if (node.Items is { } items)
        {
            return Path(items, depth);
        }

        if (depth == 0 || node.Fields.Count == 0)
        {
            return Gen.Const(Array.Empty<string>());
        }

        var fields = node.Fields.Values.OrderBy(f => f.Name, StringComparer.Ordinal).ToArray();
        return from field in Gen.Int[0, fields.Length - 1].Select(i => fields[i])
               from stops in Gen.Int[0, 9]
               from rest in stops == 0 ? Gen.Const(Array.Empty<string>()) : Path(field.Value, depth - 1)
               select (string[])[field.Name, .. rest];
    }

    private static void Put(JsonObject o, SchemaNode node, string[] path, JsonNode? value)
    {
        if (path is not [var name, .. var rest])
        {
            return;
        }

        var field = node.Fields[name].Value;
        o[name] = rest.Length == 0 ? value : Wrapped(field, rest, value);
    }

    private static JsonNode Wrapped(SchemaNode node, string[] path, JsonNode? value)
    {
        switch (node.Type)
        {
            case SchemaType.Array:
                return new JsonArray(Wrapped(node.Items!, path, value));
            case SchemaType.Map:
                return new JsonObject { ["key"] = Wrapped(node.Items!, path, value) };
            default:
                var inner = new JsonObject();
                Put(inner, node, path, value);
                return inner;
        }
    }

    private static JsonObject Parse(string json) => JsonNode.Parse(json)!.AsObject();
}
