using System.Text.Json.Nodes;
using Orchestrator.Cli.Client;

namespace Orchestrator.Cli.Manifests;

/// <summary>How the lists of an object merge, from the OpenAPI document of the server (<c>x-kubernetes-patch-strategy</c> and <c>-merge-key</c>).</summary>
internal sealed class MergeRules
{
    /// <summary>No rules: lists are replaced.</summary>
    public static readonly MergeRules None = new([], []);

    private const string SchemaPrefix = "#/components/schemas/";
    private readonly JsonObject _schemas;
    private readonly JsonObject _schema;

    private MergeRules(JsonObject schemas, JsonObject schema) => (_schemas, _schema) = (schemas, schema);

    /// <summary>Whether a strategic merge patch merges the list instead of replacing it.</summary>
    public bool Merges => _schema.Text("x-kubernetes-patch-strategy")?.Split(',').Contains("merge") == true;

    /// <summary>The merge key of the items of the list; null for a list of values.</summary>
    public string? Key => _schema.Text("x-kubernetes-patch-merge-key");

    /// <summary>The rules of the items of the list.</summary>
    public MergeRules Items => new(_schemas, Resolved["items"] as JsonObject ?? []);

    /// <summary>Returns the rules of a field.</summary>
    public MergeRules this[string field] => new(_schemas, Resolved["properties"]?[field] as JsonObject ?? Resolved["additionalProperties"] as JsonObject ?? []);

    private JsonObject Resolved => (_schema.Text("$ref") ?? (_schema["allOf"]?[0] as JsonObject)?.Text("$ref")) is { } reference
        ? _schemas[reference[SchemaPrefix.Length..]] as JsonObject ?? []
        : _schema;

    /// <summary>Reads the rules of a component.</summary>
    /// <param name="document">The OpenAPI document, version 3.</param>
    /// <param name="component">Name of the component, such as <c>io.k8s.api.core.v1.PodSpec</c>.</param>
    public static MergeRules Of(JsonObject document, string component) =>
        document["components"]?["schemas"] is JsonObject schemas ? new(schemas, schemas[component] as JsonObject ?? []) : None;

    /// <summary>Returns the rules of a kind, and the media type of patches that it supports.</summary>
    /// <returns>No rules and a JSON merge patch if the server publishes none for the kind.</returns>
    public static async Task<(MergeRules Rules, string PatchType)> ReadAsync(ApiClient client, ResourceType type, CancellationToken cancellation)
    {
        if (await client.FindAsync($"/openapi/v3/{(type.Group.Length == 0 ? "api" : $"apis/{type.Group}")}/{type.Version}", cancellation) is not { } document)
        {
            return (None, ApiClient.MergePatch);
        }

        var patches = (document["paths"] as JsonObject ?? []).Select(p => p.Value?["patch"]).OfType<JsonObject>();
        var isStrategic = patches.Any(p => IsOf(type, p["x-kubernetes-group-version-kind"]) && p["requestBody"]?["content"]?[ApiClient.StrategicMergePatch] is not null);
        var component = (document["components"]?["schemas"] as JsonObject ?? [])
            .FirstOrDefault(s => s.Value?["x-kubernetes-group-version-kind"] is JsonArray kinds && kinds.Any(k => IsOf(type, k))).Key;
        return isStrategic && component is not null ? (Of(document, component), ApiClient.StrategicMergePatch) : (None, ApiClient.MergePatch);
    }

    private static bool IsOf(ResourceType type, JsonNode? kind) =>
        (string?)kind?["group"] == type.Group && (string?)kind?["version"] == type.Version && (string?)kind?["kind"] == type.Kind;
}
