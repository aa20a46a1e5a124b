using System.Text.Json.Nodes;

namespace Orchestrator.Cli.Output;

/// <summary>Summarizes a merge patch in one line: <c>spec.replicas=5, status.conditions: Available=True</c>.</summary>
internal static class PatchSummary
{
    private const int ValueLength = 40;
    private static readonly string[] Dull =
        ["apiVersion", "kind", "metadata.uid", "metadata.name", "metadata.namespace", "metadata.creationTimestamp", "metadata.resourceVersion", "metadata.generation",
            "metadata.managedFields", "status.observedGeneration", "metadata.annotations.kubectl.kubernetes.io/last-applied-configuration"];

    public static string Of(JsonNode? change, int length)
    {
        var text = change is JsonObject o ? string.Join(", ", Leaves("", o).Where(l => !Dull.Contains(l.Path)).Select(l => l.Text)) : "";
        return text.Length <= length ? text : text[..(length - 1)] + "…";
    }

    private static IEnumerable<(string Path, string Text)> Leaves(string path, JsonObject o)
    {
        foreach (var (name, value) in o)
        {
            var at = path.Length == 0 ? name : $"{path}.{name}";
            if (value is JsonObject { Count: > 0 } inner)
            {
                foreach (var leaf in Leaves(at, inner))
                {
                    yield return leaf;
                }
            }
            else
            {
                yield return (at, value switch
                {
                    null => $"-{at}",
                    JsonArray list when list.OfType<JsonObject>().Any() => $"{at}: {string.Join(' ', list.OfType<JsonObject>().Select(Item))}",
                    JsonArray list => $"{at}=[{string.Join(' ', list.Select(i => i.Text()))}]",
                    _ => $"{at}={Short(value.Text() ?? "")}",
                });
            }
        }
    }

    // Identifies a list item and its state.
    private static string Item(JsonObject item) =>
        item.Text("type") is { } type && item.Text("status") is { } status ? $"{type}={status}"
        : item.Text("name") is not { } name ? item.Text("ip") ?? item.Text("kind") ?? "…"
        : item["state"] is JsonObject { Count: > 0 } state ? $"{name}={(state.First().Value.Text("reason") is { Length: > 0 } reason ? reason : state.First().Key)}"
        : item.Text("image") is { } image ? $"{name}={image}" : name;

    private static string Short(string value) => value.ReplaceLineEndings(" ") is var line && line.Length > ValueLength ? line[..(ValueLength - 1)] + "…" : line;
}
