using System.Collections.Immutable;
using System.Text.Json.Nodes;
using Orchestrator.Actors.Api;

namespace Orchestrator.Actors.Schema;

/// <summary>Reads schemas in the structural form of OpenAPI version 3 (Kubernetes, "Extend the Kubernetes API with CustomResourceDefinitions").</summary>
public static class SchemaDocument
{
    /// <summary>The schema of the objects of a kind: the document plus the fields that every object has.</summary>
    /// <param name="document">The document of the whole object; null if there is none, and every field is kept.</param>
    /// <param name="metadata">The schema of <c>metadata</c>.</param>
    public static SchemaNode ReadKind(JsonObject? document, SchemaNode metadata) =>
        WithObjectFields(document ?? new JsonObject { ["type"] = "object", ["x-kubernetes-preserve-unknown-fields"] = true }, metadata);

    /// <summary>The schema of a part of an object.</summary>
    internal static SchemaNode Read(JsonObject document, SchemaNode metadata)
    {
        if (JsonFilling.IsTrue(document["x-kubernetes-embedded-resource"]))
        {
            return WithObjectFields(document, metadata);
        }

        return Type(document) switch
        {
            SchemaType.Array => new SchemaNode(SchemaType.Array)
            {
                Items = document["items"] is JsonObject items ? Read(items, metadata) : SchemaNode.Any,
                IsSet = (string?)document["x-kubernetes-list-type"] == "set",
                Keys = document["x-kubernetes-list-map-keys"] is JsonArray keys ? [.. keys.Select(k => (string)k!)] : [],
                Document = document,
            },
            SchemaType.Map => new SchemaNode(SchemaType.Map)
            {
                Items = document["additionalProperties"] is JsonObject values ? Read(values, metadata) : SchemaNode.Any,
                Document = document,
            },
            SchemaType.Object => new SchemaNode(SchemaType.Object, () => Fields(document, metadata)) { PreservesUnknownFields = PreservesUnknownFields(document), Document = document },
            var scalar => new SchemaNode(scalar) { Document = document },
        };
    }

    private static SchemaNode WithObjectFields(JsonObject document, SchemaNode metadata)
    {
        var own = new[]
        {
            new SchemaField("apiVersion", new SchemaNode(SchemaType.Text)) { Description = "The version of this representation of an object." },
            new SchemaField("kind", new SchemaNode(SchemaType.Text)) { Description = "The REST resource that this object represents." },
            new SchemaField("metadata", metadata) { Description = "Standard object's metadata." },
        };
        return new SchemaNode(SchemaType.Object, () => Fields(document, metadata).ExceptBy(own.Select(f => f.Name), f => f.Name).Concat(own))
        {
            PreservesUnknownFields = PreservesUnknownFields(document),
            Document = document,
        };
    }

    private static IEnumerable<SchemaField> Fields(JsonObject document, SchemaNode metadata)
    {
        var required = (document["required"] as JsonArray ?? []).Select(r => (string)r!).ToImmutableHashSet();
        foreach (var (name, value) in document["properties"] as JsonObject ?? [])
        {
            if (value is JsonObject field)
            {
                yield return new SchemaField(name, Read(field, metadata)) { IsRequired = required.Contains(name), Description = (string?)field["description"] };
            }
        }
    }

    private static SchemaType Type(JsonObject document) => (string?)document["type"] switch
    {
        _ when JsonFilling.IsTrue(document["x-kubernetes-int-or-string"]) => SchemaType.IntOrString,
        "array" => SchemaType.Array,
        "string" => SchemaType.Text,
        "boolean" => SchemaType.Boolean,
        "integer" => (string?)document["format"] == "int32" ? SchemaType.Int32 : SchemaType.Int64,
        "number" => SchemaType.Number,
        "object" => document.ContainsKey("properties") || document["additionalProperties"] is null or JsonValue { } ? ObjectType(document) : SchemaType.Map,
        _ => SchemaType.Any,
    };

    // "additionalProperties: true" is a map of anything.
    private static SchemaType ObjectType(JsonObject document) => !document.ContainsKey("properties") && JsonFilling.IsTrue(document["additionalProperties"]) ? SchemaType.Map : SchemaType.Object;

    private static bool PreservesUnknownFields(JsonObject document) => JsonFilling.IsTrue(document["x-kubernetes-preserve-unknown-fields"]);
}
