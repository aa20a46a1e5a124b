using System.Text.Json;
using System.Text.Json.Nodes;

namespace Orchestrator.Cli.Manifests;

/// <summary>The annotation that remembers what was applied, so that the next apply knows what was taken out.</summary>
internal static class LastApplied
{
    public const string Annotation = "kubectl.kubernetes.io/last-applied-configuration";
    private static readonly JsonSerializerOptions Compact = new() { Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>The manifest with the annotation of itself.</summary>
    public static JsonObject Annotated(JsonObject manifest)
    {
        var copy = (JsonObject)manifest.DeepClone();
        var metadata = (JsonObject)copy["metadata"]!;
        if (metadata["annotations"] is not JsonObject annotations)
        {
            metadata["annotations"] = annotations = [];
        }

        annotations.Remove(Annotation);
        annotations[Annotation] = Text(copy);
        return copy;
    }

    /// <summary>The very text that kubectl writes, so that each sees the other's apply as its own: keys sorted, and Go's escapes.</summary>
    private static string Text(JsonObject manifest) => Sorted(manifest)!.ToJsonString(Compact)
        .Replace("<", "\\u003c", StringComparison.Ordinal).Replace(">", "\\u003e", StringComparison.Ordinal).Replace("&", "\\u0026", StringComparison.Ordinal) + "\n";

    private static JsonNode? Sorted(JsonNode? node) => node switch
    {
        JsonObject o => new JsonObject(o.OrderBy(p => p.Key, StringComparer.Ordinal).Select(p => KeyValuePair.Create(p.Key, Sorted(p.Value)))),
        JsonArray a => new JsonArray([.. a.Select(Sorted)]),
        _ => node?.DeepClone(),
    };

    /// <summary>What was applied before; null for objects that were made otherwise.</summary>
    public static JsonObject? Of(JsonObject live)
    {
        try
        {
            return live.Text("metadata", "annotations", Annotation) is { Length: > 0 } text ? JsonNode.Parse(text) as JsonObject : null;
        }
        catch (JsonException)
        {
            // A hand changed it: apply as if there were none.
            return null;
        }
    }
}
