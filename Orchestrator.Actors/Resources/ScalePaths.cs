using System.Text.Json.Nodes;
using Orchestrator.Actors.Api;

namespace Orchestrator.Actors.Resources;

/// <summary>Where the objects of a kind have their scale (Kubernetes, CustomResourceDefinition, field <c>subresources.scale</c>).</summary>
/// <param name="Replicas">Path of the wanted number, such as <c>.spec.replicas</c>.</param>
/// <param name="StatusReplicas">Path of the observed number.</param>
/// <param name="Selector">Path of the selector, in one line; null: it is <c>.spec.selector</c>, as an object.</param>
public sealed record ScalePaths(string Replicas, string StatusReplicas, string? Selector)
{
    /// <summary>Those of the built-in kinds.</summary>
    public static readonly ScalePaths Usual = new(".spec.replicas", ".status.replicas", null);

    /// <summary>Returns a merge patch that wants another number.</summary>
    public JsonObject Patch(int replicas)
    {
        var steps = Steps(Replicas);
        JsonNode patch = JsonValue.Create(replicas);
        for (var i = steps.Length - 1; i >= 0; i--)
        {
            patch = new JsonObject { [steps[i]] = patch };
        }

        return (JsonObject)patch;
    }

    /// <summary>Sets the wanted number of an object.</summary>
    public void Set(JsonObject o, long replicas)
    {
        var steps = Steps(Replicas);
        steps[..^1].Aggregate(o, JsonFilling.Child)[steps[^1]] = replicas;
    }

    /// <summary>Reads a number; null if the object has none.</summary>
    public static long? Number(JsonObject o, string path) => At(o, path).AsInt64();

    /// <summary>Reads a text; null if the object has none.</summary>
    public static string? Text(JsonObject o, string path) => At(o, path) is JsonValue value && value.TryGetValue<string>(out var text) ? text : null;

    private static JsonNode? At(JsonObject o, string path) => Steps(path).Aggregate((JsonNode?)o, (node, step) => (node as JsonObject)?[step]);

    private static string[] Steps(string path) => path.Split('.', StringSplitOptions.RemoveEmptyEntries);
}
