using System.Text.Json.Nodes;

namespace Orchestrator.Cli.Manifests;

/// <summary>How the fields of an object merge, from the OpenAPI document of the server (<c>x-kubernetes-patch-strategy</c> and <c>-merge-key</c>).</summary>
internal sealed class MergeRules
{
    /// <summary>No rules: lists are replaced.</summary>
    public static readonly MergeRules None = new([], []);

    private const string SchemaPrefix = "#/components/schemas/";
    private readonly JsonObject _schemas;
    private readonly JsonObject _schema;

    private MergeRules(JsonObject schemas, JsonObject schema) => (_schemas, _schema) = (schemas, schema);

    /// <summary>Whether a strategic merge patch merges the list instead of replacing it.</summary>
    public bool Merges => Strategies.Contains("merge");

    /// <summary>Whether a strategic merge patch may name the fields that stay: of an object, or of each item of a list.</summary>
    public bool RetainsKeys => Strategies.Contains("retainKeys");

    /// <summary>The merge key of the items of the list; null for a list of values.</summary>
    public string? Key => _schema.Text("x-kubernetes-patch-merge-key");

    /// <summary>The rules of the items of the list.</summary>
    public MergeRules Items => new(_schemas, Resolved["items"] as JsonObject ?? []);

    /// <summary>Returns the rules of a field.</summary>
    public MergeRules this[string field] => new(_schemas, Resolved["properties"]?[field] as JsonObject ?? Resolved["additionalProperties"] as JsonObject ?? []);

    private string[] Strategies => _schema.Text("x-kubernetes-patch-strategy")?.Split(',') ?? [];

    private JsonObject Resolved => (_schema.Text("$ref") ?? (_schema["allOf"]?[0] as JsonObject)?.Text("$ref")) is { } reference
        ? _schemas[reference[SchemaPrefix.Length..]] as JsonObject ?? []
        : _schema;

    /// <summary>Reads the rules of a component.</summary>
    /// <param name="document">The OpenAPI document, version 3.</param>
    /// <param name="component">Name of the component, such as <c>io.k8s.api.core.v1.PodSpec</c>.</param>
    public static MergeRules Of(JsonObject document, string component) =>
        document["components"]?["schemas"] is JsonObject schemas ? new(schemas, schemas[component] as JsonObject ?? []) : None;
}
