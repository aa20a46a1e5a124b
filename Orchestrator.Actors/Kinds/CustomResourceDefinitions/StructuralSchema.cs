using System.Text.Json;
using System.Text.Json.Nodes;
using Orchestrator.Actors.Schema;
using Orchestrator.Actors.Validation;

namespace Orchestrator.Actors.Kinds.CustomResourceDefinitions;

/// <summary>What makes a schema structural: every value has a type (Kubernetes, "Specifying a structural schema").</summary>
internal static class StructuralSchema
{
    private static readonly string[] Forbidden =
        ["$ref", "definitions", "dependencies", "discriminator", "id", "patternProperties", "readOnly", "writeOnly", "xml", "additionalItems"];

    /// <summary>Reports what is not structural in the schema of a whole object.</summary>
    public static void Check(JsonObject schema, string path, FieldErrors errors)
    {
        if ((string?)schema["type"] != "object")
        {
            errors.Invalid($"{path}.type", schema["type"]?.DeepClone() ?? "", "must be object at the root");
        }

        CheckPart(schema, path, errors);
    }

    private static void CheckPart(JsonObject schema, string path, FieldErrors errors)
    {
        foreach (var name in Forbidden.Where(schema.ContainsKey))
        {
            errors.Forbidden($"{path}.{name}", "is not supported");
        }

        if (IsTrue(schema["uniqueItems"]))
        {
            errors.Forbidden($"{path}.uniqueItems", "uniqueItems cannot be set to true since the runtime complexity becomes quadratic");
        }

        if ((string?)schema["pattern"] is { } pattern && !ScalarRules.IsPattern(pattern))
        {
            errors.Invalid($"{path}.pattern", pattern, "must be a valid regular expression without look-around and back-references");
        }

        CheckType(schema, path, errors);
        foreach (var (inner, step) in Parts(schema, path))
        {
            CheckPart(inner, step, errors);
        }
    }

    private static void CheckType(JsonObject schema, string path, FieldErrors errors)
    {
        var type = (string?)schema["type"];
        var isFree = IsTrue(schema["x-kubernetes-int-or-string"]) || IsTrue(schema["x-kubernetes-preserve-unknown-fields"]);
        if (type is null or "")
        {
            if (!isFree)
            {
                errors.Required($"{path}.type", "must not be empty for specified object fields");
            }

            return;
        }

        errors.OneOf($"{path}.type", type, "array", "boolean", "integer", "number", "object", "string");
        if (type == "array" && schema["items"] is not JsonObject)
        {
            errors.Required($"{path}.items", "must be specified");
        }

        if (schema["properties"] is JsonObject { Count: > 0 } && schema["additionalProperties"] is not null)
        {
            errors.Forbidden($"{path}.additionalProperties", "additionalProperties and properties are mutual exclusive");
        }
    }

    private static IEnumerable<(JsonObject Schema, string Path)> Parts(JsonObject schema, string path)
    {
        foreach (var (name, value) in schema["properties"] as JsonObject ?? [])
        {
            if (value is JsonObject property)
            {
                yield return (property, $"{path}.properties[{name}]");
            }
        }

        foreach (var name in (string[])["items", "additionalProperties"])
        {
            if (schema[name] is JsonObject part)
            {
                yield return (part, $"{path}.{name}");
            }
        }
    }

    private static bool IsTrue(JsonNode? node) => node?.GetValueKind() == JsonValueKind.True;
}
