using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using Orchestrator.Actors.Api;
using Orchestrator.Actors.Validation;

namespace Orchestrator.Actors.Schema;

/// <summary>Checks a value against the rules of a schema document: required fields, known values, limits, patterns, formats, list types, and the
/// combinations <c>allOf</c>, <c>anyOf</c>, <c>oneOf</c> and <c>not</c>. Types are checked before, by <see cref="SchemaCheck"/>.</summary>
internal static class SchemaValidation
{
    private const int MaxShown = 20;

    /// <summary>Reports what breaks a rule.</summary>
    /// <param name="rules">The document of the value.</param>
    /// <param name="value">The value.</param>
    /// <param name="path">The field; empty for the object itself.</param>
    /// <param name="errors">Takes what is wrong.</param>
    public static void Check(JsonObject rules, JsonNode? value, string path, FieldErrors errors)
    {
        if (errors.IsFull)
        {
            return;
        }

        switch (value)
        {
            case JsonObject o:
                CheckObject(rules, o, path, errors);
                break;
            case JsonArray a:
                CheckArray(rules, a, path, errors);
                break;
            case JsonValue v when v.GetValueKind() == JsonValueKind.String:
                ScalarRules.CheckText(rules, v.GetValue<string>(), path, errors);
                break;
            case JsonValue v when v.GetValueKind() == JsonValueKind.Number:
                ScalarRules.CheckNumber(rules, v, path, errors);
                break;
            default:
                break;
        }

        if (rules["enum"] is JsonArray known && !known.Any(k => JsonNode.DeepEquals(k, value)))
        {
            errors.OneOf(path, value?.ToString() ?? "null", [.. known.Take(MaxShown).Select(k => k?.ToString() ?? "null")]);
        }

        CheckCombinations(rules, value, path, errors);
    }

    private static void CheckObject(JsonObject rules, JsonObject o, string path, FieldErrors errors)
    {
        foreach (var name in (rules["required"] as JsonArray ?? []).Select(r => r!.ToString()).Where(r => !o.ContainsKey(r)))
        {
            errors.Required(Inner(path, name));
        }

        ScalarRules.CheckCount(rules, o.Count, "Properties", "properties", o, path, errors);
        var properties = rules["properties"] as JsonObject;
        foreach (var (name, value) in o)
        {
            if ((properties?[name] ?? rules["additionalProperties"]) is JsonObject inner)
            {
                Check(inner, value, Inner(path, name), errors);
            }
        }
    }

    private static void CheckArray(JsonObject rules, JsonArray a, string path, FieldErrors errors)
    {
        ScalarRules.CheckCount(rules, a.Count, "Items", "items", a, path, errors);
        var keys = (string?)rules["x-kubernetes-list-type"] == "map" ? rules["x-kubernetes-list-map-keys"] as JsonArray : null;
        var isUnique = keys is not null || (string?)rules["x-kubernetes-list-type"] == "set";
        var seen = new HashSet<string>();
        for (var i = 0; i < a.Count; i++)
        {
            var inner = string.Create(CultureInfo.InvariantCulture, $"{path}[{i}]");
            if (isUnique && !seen.Add(Identity(keys, a[i])))
            {
                errors.Duplicate(inner, a[i]?.DeepClone());
            }

            if (rules["items"] is JsonObject items)
            {
                Check(items, a[i], inner, errors);
            }
        }
    }

    private static void CheckCombinations(JsonObject rules, JsonNode? value, string path, FieldErrors errors)
    {
        foreach (var all in JsonFilling.Items(rules, "allOf"))
        {
            Check(all, value, path, errors);
        }

        var (any, one) = (JsonFilling.Items(rules, "anyOf").ToList(), JsonFilling.Items(rules, "oneOf").ToList());
        if (any.Count > 0 && !any.Exists(d => Holds(d, value)))
        {
            errors.Invalid(path, value?.DeepClone(), "must validate at least one schema (anyOf)");
        }

        if (one.Count > 0 && one.Count(d => Holds(d, value)) != 1)
        {
            errors.Invalid(path, value?.DeepClone(), "must validate one and only one schema (oneOf)");
        }

        if (rules["not"] is JsonObject not && Holds(not, value))
        {
            errors.Invalid(path, value?.DeepClone(), "must not validate the schema (not)");
        }
    }

    // Inside a combination a document may say a type that the value need not have.
    private static bool Holds(JsonObject rules, JsonNode? value)
    {
        var errors = new FieldErrors(most: 1);
        Check(rules, value, "", errors);
        return errors.All.Count == 0 && HasType((string?)rules["type"], value);
    }

    private static bool HasType(string? type, JsonNode? value) => type switch
    {
        "object" => value is JsonObject,
        "array" => value is JsonArray,
        "string" => value?.GetValueKind() == JsonValueKind.String,
        "boolean" => value?.GetValueKind() is JsonValueKind.True or JsonValueKind.False,
        "integer" => value.AsInt64() is not null,
        "number" => value?.GetValueKind() == JsonValueKind.Number,
        _ => true,
    };

    private static string Identity(JsonArray? keys, JsonNode? item) =>
        keys is null ? item?.ToJsonString() ?? "null" : string.Join('\n', keys.Select(k => (item as JsonObject)?[k!.ToString()]?.ToJsonString()));

    private static string Inner(string path, string name) => path.Length == 0 ? name : $"{path}.{name}";
}
