using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using Orchestrator.Actors.Api;
using Orchestrator.Actors.Resources;
using Orchestrator.Node.ApiServer.Answers;
using Orchestrator.Node.ApiServer.OpenApi;

namespace Orchestrator.Node.ApiServer.Requests;

/// <summary>Holds an object against its model class: refuses values of the wrong type, takes out fields that the class does not have.</summary>
internal static class SchemaCheck
{
    /// <summary>The fields taken out, as sentences.</summary>
    public static List<string> Prune(ResourceDefinition kind, JsonObject o)
    {
        var unknown = new List<string>();
        if (kind.Model is { } model)
        {
            Object(kind, model, o, "", unknown);
        }

        return unknown;
    }

    private static void Object(ResourceDefinition kind, Type model, JsonObject o, string path, List<string> unknown)
    {
        var fields = ModelFields.Of(model);
        foreach (var (name, value) in o.ToList())
        {
            var inner = path.Length == 0 ? name : $"{path}.{name}";
            if (!fields.TryGetValue(name, out var field))
            {
                unknown.Add($"unknown field \"{inner}\"");
                o.Remove(name);
            }
            else if (field.IsMap)
            {
                foreach (var (key, item) in Is<JsonObject>(kind, inner, value, "an object").ToList())
                {
                    Value(kind, field, item, $"{inner}.{key}", unknown);
                }
            }
            else if (field.IsList)
            {
                foreach (var (item, i) in Is<JsonArray>(kind, inner, value, "an array").Select((item, i) => (item, i)))
                {
                    Value(kind, field, item, $"{inner}[{i.ToString(CultureInfo.InvariantCulture)}]", unknown);
                }
            }
            else
            {
                Value(kind, field, value, inner, unknown);
            }
        }
    }

    private static void Value(ResourceDefinition kind, ModelField field, JsonNode? value, string path, List<string> unknown)
    {
        switch (field.Shape)
        {
            case FieldShape.Model:
                Object(kind, field.Type, Is<JsonObject>(kind, path, value, "an object"), path, unknown);
                break;
            case FieldShape.Text or FieldShape.Time:
                Expect(kind, path, value, "a string", value?.GetValueKind() == JsonValueKind.String);
                break;
            case FieldShape.Bytes:
                Expect(kind, path, value, "a base64 string", value?.GetValueKind() == JsonValueKind.String && IsBase64(value.GetValue<string>()));
                break;
            case FieldShape.Flag:
                Expect(kind, path, value, "a boolean", value?.GetValueKind() is JsonValueKind.True or JsonValueKind.False);
                break;
            case FieldShape.Whole:
                Expect(kind, path, value, "a whole number (int32)", value.AsInt64() is >= int.MinValue and <= int.MaxValue);
                break;
            case FieldShape.WholeLong:
                Expect(kind, path, value, "a whole number (int64)", value.AsInt64() is not null);
                break;
            case FieldShape.Number:
                Expect(kind, path, value, "a number", value?.GetValueKind() == JsonValueKind.Number);
                break;
            case FieldShape.IntOrString:
                Expect(kind, path, value, "a whole number (int32) or a string",
                    value?.GetValueKind() == JsonValueKind.String || value.AsInt64() is >= int.MinValue and <= int.MaxValue);
                break;
            case FieldShape.Quantity:
                Expect(kind, path, value, "a quantity such as 100m, 0.5 or 64Mi", Quantity.Read(value) is not null);
                break;
            default:
                break;
        }
    }

    private static bool IsBase64(string text) =>
        Convert.TryFromBase64String(text.ReplaceLineEndings(""), new byte[(text.Length * 3 / 4) + 3], out _);

    private static T Is<T>(ResourceDefinition kind, string path, JsonNode? value, string expected) where T : JsonNode
    {
        Expect(kind, path, value, expected, value is T);
        return (T)value!;
    }

    private static void Expect(ResourceDefinition kind, string path, JsonNode? value, string expected, bool isMet)
    {
        if (!isMet)
        {
            var text = value?.ToJsonString() ?? "null";
            throw new ApiException(ApiReason.BadRequest,
                $"{kind.Kind} in version \"{kind.Version}\" cannot be handled as a {kind.Kind}: {path}: expected {expected}, got {(text.Length > 80 ? text[..80] + "…" : text)}");
        }
    }
}
