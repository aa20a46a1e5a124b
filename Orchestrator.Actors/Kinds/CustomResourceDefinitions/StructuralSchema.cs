using System.Text.Json.Nodes;
using Orchestrator.Actors.Api;
using Orchestrator.Actors.Resources;
using Orchestrator.Actors.Schema;
using Orchestrator.Actors.Validation;
using k8s.Models;

namespace Orchestrator.Actors.Kinds.CustomResourceDefinitions;

/// <summary>Checks that a schema is structural: every value has a type (Kubernetes, "Specifying a structural schema").</summary>
internal static class StructuralSchema
{
    private static readonly string[] Forbidden =
        ["$ref", "definitions", "dependencies", "discriminator", "id", "patternProperties", "readOnly", "writeOnly", "xml", "additionalItems"];

    private static readonly SchemaNode Metadata = BuiltIn.Schemas.Of(typeof(V1ObjectMeta));
    private static readonly SchemaNode Props = BuiltIn.Schemas.Of(typeof(V1JSONSchemaProps));

    /// <summary>Reports what is not structural in the schema of a whole object.</summary>
    /// <param name="schema">The schema. Fields of it that are not known are removed.</param>
    /// <param name="path">Its field.</param>
    /// <param name="errors">Takes what is wrong.</param>
    public static void Check(JsonObject schema, string path, FieldErrors errors)
    {
        if ((string?)schema["type"] != "object")
        {
            errors.Invalid($"{path}.type", schema["type"]?.DeepClone() ?? "", "must be object at the root");
        }

        CheckPart(schema, path, needsType: true, errors);
    }

    private static void CheckPart(JsonObject schema, string path, bool needsType, FieldErrors errors)
    {
        // The model class lets anything stand under "items" and "additionalProperties".
        if (errors.IsFull || SchemaCheck.Prune(Props, schema).Mismatch is { } mismatch && Report(mismatch))
        {
            return;
        }

        CheckWords(schema, path, errors);
        if (needsType)
        {
            CheckType(schema, path, errors);
            CheckDefault(schema, path, errors);
        }

        foreach (var (inner, step) in Parts(schema, path))
        {
            CheckPart(inner, step, needsType, errors);
        }

        foreach (var (inner, step) in Combined(schema, path))
        {
            CheckPart(inner, step, needsType: false, errors);
        }

        bool Report(string sentence)
        {
            errors.Invalid(path, "", sentence);
            return true;
        }
    }

    private static void CheckWords(JsonObject schema, string path, FieldErrors errors)
    {
        foreach (var name in Forbidden.Where(schema.ContainsKey))
        {
            errors.Forbidden($"{path}.{name}", "is not supported");
        }

        if (JsonFilling.IsTrue(schema["uniqueItems"]))
        {
            errors.Forbidden($"{path}.uniqueItems", "uniqueItems cannot be set to true since the runtime complexity becomes quadratic");
        }

        if ((string?)schema["pattern"] is { } pattern && !ScalarRules.IsPattern(pattern))
        {
            errors.Invalid($"{path}.pattern", pattern, "must be a valid regular expression of at most 1024 characters without look-around and back-references");
        }
    }

    private static void CheckType(JsonObject schema, string path, FieldErrors errors)
    {
        var type = (string?)schema["type"];
        var isFree = JsonFilling.IsTrue(schema["x-kubernetes-int-or-string"]) || JsonFilling.IsTrue(schema["x-kubernetes-preserve-unknown-fields"]);
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

    // A default that its own schema refuses would make every later write of the object fail.
    private static void CheckDefault(JsonObject schema, string path, FieldErrors errors)
    {
        if (schema["default"] is { } given && SchemaCheck.Mismatch(SchemaDocument.Read(schema, Metadata), given.DeepClone()) is { } mismatch)
        {
            errors.Invalid($"{path}.default", given.DeepClone(), mismatch.TrimStart(':', ' '));
        }
        else if (schema["default"] is { } value)
        {
            SchemaValidation.Check(schema, value.DeepClone(), $"{path}.default", errors);
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

    private static IEnumerable<(JsonObject Schema, string Path)> Combined(JsonObject schema, string path)
    {
        foreach (var name in (string[])["allOf", "anyOf", "oneOf"])
        {
            foreach (var (part, i) in JsonFilling.Items(schema, name).Select((p, i) => (p, i)))
            {
                yield return (part, $"{path}.{name}[{i}]");
            }
        }

        if (schema["not"] is JsonObject not)
        {
            yield return (not, $"{path}.not");
        }
    }
}
