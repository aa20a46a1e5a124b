using System.Text.Json;
using System.Text.Json.Nodes;
using Orchestrator.Cli.Client;

namespace Orchestrator.Cli.Output;

/// <summary>Prints whole objects: <c>-o json</c>, <c>yaml</c>, <c>name</c> and <c>jsonpath</c>.</summary>
internal static class ObjectPrinter
{
    private static readonly JsonSerializerOptions Indented = new()
    {
        WriteIndented = true, IndentSize = 4, Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    };

    public static bool IsFormat(string? format) => format is "json" or "yaml" or "name" || format?.StartsWith("jsonpath=", StringComparison.Ordinal) == true;

    public static void Print(TextWriter output, string format, IReadOnlyList<(ResourceType Type, JsonObject Object)> found, bool isList)
    {
        if (format == "name")
        {
            foreach (var (type, o) in found)
            {
                output.WriteLine($"{type.Display}/{o.Name()}");
            }

            return;
        }

        var whole = isList ? List(found.Select(f => f.Object)) : found[0].Object;
        Print(output, format, whole);
    }

    public static void Print(TextWriter output, string format, JsonObject whole)
    {
        if (format == "json")
        {
            output.WriteLine(whole.ToJsonString(Indented));
        }
        else if (format == "yaml")
        {
            output.Write(Yaml.Write(whole));
        }
        else
        {
            output.Write(JsonPath.Format(whole, format["jsonpath=".Length..]));
        }
    }

    private static JsonObject List(IEnumerable<JsonObject> objects) => new()
    {
        ["apiVersion"] = "v1",
        ["items"] = new JsonArray([.. objects.Select(o => o.DeepClone())]),
        ["kind"] = "List",
        ["metadata"] = new JsonObject { ["resourceVersion"] = "" },
    };
}
