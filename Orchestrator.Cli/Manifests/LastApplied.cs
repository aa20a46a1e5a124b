using System.Text.Json;
using System.Text.Json.Nodes;

namespace Orchestrator.Cli.Manifests;

/// <summary>Reads and writes the last-applied annotation, by which the next apply finds the fields that were removed.</summary>
internal static class LastApplied
{
    public const string Annotation = "kubectl.kubernetes.io/last-applied-configuration";
    private static readonly JsonSerializerOptions Compact = new() { Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>Adds the annotation to a manifest.</summary>
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

    /// <summary>Serializes as kubectl does, with sorted keys and Go's escapes, so that both tools can be mixed.</summary>
    private static string Text(JsonObject manifest) => Sorted(manifest)!.ToJsonString(Compact)
        .Replace("<", "\\u003c", StringComparison.Ordinal).Replace(">", "\\u003e", StringComparison.Ordinal).Replace("&", "\\u0026", StringComparison.Ordinal) + "\n";

    private static JsonNode? Sorted(JsonNode? node) => node switch
    {
        JsonObject o => new JsonObject(o.OrderBy(p => p.Key, StringComparer.Ordinal).Select(p => KeyValuePair.Create(p.Key, Sorted(p.Value)))),
        JsonArray a => new JsonArray([.. a.Select(Sorted)]),
        _ => node?.DeepClone(),
    };

    /// <summary>Returns the last applied manifest; null if the object was not applied.</summary>
    public static JsonObject? Of(JsonObject live)
    {
        try
        {
            return live.Text("metadata", "annotations", Annotation) is { Length: > 0 } text ? JsonNode.Parse(text) as JsonObject : null;
        }
        catch (JsonException)
        {
            // Edited manually: ignore it.
            return null;
        }
    }
}
