using System.Collections.Immutable;
using System.Globalization;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Orchestrator.Actors.Api;

namespace Orchestrator.Actors.Schema;

/// <summary>Result of checking an object against its schema.</summary>
/// <param name="Unknown">Paths of the fields that the schema does not know.</param>
/// <param name="Mismatch">The first value of a wrong type, as a sentence with its path; null if there is none.</param>
public sealed record SchemaReport(ImmutableArray<string> Unknown, string? Mismatch);

/// <summary>Checks an object against its schema: removes unknown fields and finds values of a wrong type.</summary>
public sealed class SchemaCheck
{
    private const int MaxShown = 80;

    // Names and indexes from the root to the value; a path is written out only when it is told.
    private readonly Stack<object> _path = [];
    private readonly ImmutableArray<string>.Builder _unknown = ImmutableArray.CreateBuilder<string>();

    private SchemaCheck()
    {
    }

    /// <summary>Removes unknown fields.</summary>
    /// <param name="schema">The schema of the object.</param>
    /// <param name="o">The object. It is modified.</param>
    public static SchemaReport Prune(SchemaNode schema, JsonObject o)
    {
        var check = new SchemaCheck();
        var mismatch = check.Value(schema, o);
        return new(check._unknown.ToImmutable(), mismatch);
    }

    /// <summary>The first value of a wrong type in a value that is not a whole object, as a sentence; null if there is none.</summary>
    public static string? Mismatch(SchemaNode schema, JsonNode? value) => new SchemaCheck().Value(schema, value);

    private string? Value(SchemaNode node, JsonNode? value) => node.Type switch
    {
        SchemaType.Object => value is JsonObject o ? Object(node, o) : Expected("an object", value),
        SchemaType.Map => value is JsonObject map ? Each(node.Items!, map.Select(p => ((object)p.Key, p.Value))) : Expected("an object", value),
        SchemaType.Array => value is JsonArray items ? Each(node.Items!, items.Select((item, i) => ((object)i, item))) : Expected("an array", value),
        SchemaType.Text => IsText(value) ? null : Expected("a string", value),
        SchemaType.Bytes => IsText(value) && IsBase64(value!.GetValue<string>()) ? null : Expected("a base64 string", value),
        SchemaType.Time or SchemaType.MicroTime => IsText(value) && KubeTime.Read(value!.GetValue<string>()) is not null ? null : Expected("a time such as 2026-01-02T15:04:05Z", value),
        SchemaType.Boolean => value?.GetValueKind() is JsonValueKind.True or JsonValueKind.False ? null : Expected("a boolean", value),
        SchemaType.Int32 => IsInt32(value) ? null : Expected("a whole number (int32)", value),
        SchemaType.Int64 => value.AsInt64() is not null ? null : Expected("a whole number (int64)", value),
        SchemaType.Number => value?.GetValueKind() == JsonValueKind.Number ? null : Expected("a number", value),
        SchemaType.IntOrString => IsText(value) || IsInt32(value) ? null : Expected("a whole number (int32) or a string", value),
        SchemaType.Quantity => Quantity.Read(value) is not null ? null : Expected("a quantity such as 100m, 0.5 or 64Mi", value),
        _ => null,
    };

    private string? Object(SchemaNode node, JsonObject o)
    {
        List<string>? unknown = null;
        foreach (var (name, value) in o)
        {
            _path.Push(name);
            if (node.Fields.TryGetValue(name, out var field))
            {
                if (Value(field.Value, value) is { } mismatch)
                {
                    return mismatch;
                }
            }
            else if (!node.PreservesUnknownFields)
            {
                _unknown.Add(Path());
                (unknown ??= []).Add(name);
            }

            _path.Pop();
        }

        unknown?.ForEach(name => o.Remove(name));
        return null;
    }

    private string? Each(SchemaNode node, IEnumerable<(object Step, JsonNode? Value)> parts)
    {
        foreach (var (step, value) in parts)
        {
            _path.Push(step);
            if (Value(node, value) is { } mismatch)
            {
                return mismatch;
            }

            _path.Pop();
        }

        return null;
    }

    private string Expected(string what, JsonNode? value)
    {
        var text = value?.ToJsonString() ?? "null";
        return $"{Path()}: expected {what}, got {(text.Length > MaxShown ? text[..MaxShown] + "…" : text)}";
    }

    private string Path()
    {
        var path = new StringBuilder();
        foreach (var step in _path.Reverse())
        {
            _ = step is int index ? path.Append(CultureInfo.InvariantCulture, $"[{index}]") : path.Append(path.Length > 0 ? "." : "").Append(step);
        }

        return path.ToString();
    }

    private static bool IsText(JsonNode? value) => value?.GetValueKind() == JsonValueKind.String;

    private static bool IsInt32(JsonNode? value) => value.AsInt64() is >= int.MinValue and <= int.MaxValue;

    private static bool IsBase64(string text) =>
        Convert.TryFromBase64String(text.ReplaceLineEndings(""), new byte[(text.Length * 3 / 4) + 3], out _);
}
