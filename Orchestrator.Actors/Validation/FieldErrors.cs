using System.Text.Json.Nodes;
using Orchestrator.Actors.Api;

namespace Orchestrator.Actors.Validation;

/// <summary>Gathers what is wrong with an object, field by field, in Kubernetes' terms.</summary>
public sealed class FieldErrors
{
    private readonly List<ApiCause> _all = [];

    /// <summary>All that was found.</summary>
    public IReadOnlyList<ApiCause> All => _all;

    /// <summary>A field that must be there is not.</summary>
    public void Required(string field, string detail = "") => Add(field, "FieldValueRequired", detail.Length == 0 ? "Required value" : $"Required value: {detail}");

    /// <summary>A value that cannot be.</summary>
    public void Invalid(string field, JsonNode? value, string detail) => Add(field, "FieldValueInvalid", $"Invalid value: {Shown(value)}: {detail}");

    /// <summary>A value that may stand once stands twice.</summary>
    public void Duplicate(string field, JsonNode? value) => Add(field, "FieldValueDuplicate", $"Duplicate value: {Shown(value)}");

    /// <summary>A value that names nothing.</summary>
    public void NotFound(string field, JsonNode? value) => Add(field, "FieldValueNotFound", $"Not found: {Shown(value)}");

    /// <summary>A field that may not be set, or changed.</summary>
    public void Forbidden(string field, string detail) => Add(field, "FieldValueForbidden", $"Forbidden: {detail}");

    /// <summary>A field that may not be changed once the object exists.</summary>
    public void Immutable(string field, JsonNode? value, JsonNode? old)
    {
        if (!JsonNode.DeepEquals(value, old))
        {
            Invalid(field, value, "field is immutable");
        }
    }

    /// <summary>A value of too many bytes.</summary>
    public void TooLong(string field, int most) => Add(field, "FieldValueTooLong", $"Too long: must have at most {most} bytes");

    /// <summary>A word of a fixed set; absent is fine.</summary>
    public void OneOf(string field, string? value, params ReadOnlySpan<string> supported)
    {
        if (value is not null && !supported.Contains(value))
        {
            Add(field, "FieldValueNotSupported",
                $"Unsupported value: \"{value}\": supported values: {string.Join(", ", supported.ToArray().Select(s => $"\"{s}\""))}");
        }
    }

    /// <summary>Numbers that must not be negative; absent is fine.</summary>
    public void NotNegative(string path, JsonObject? o, params ReadOnlySpan<string> names)
    {
        foreach (var name in names)
        {
            if (o?[name].AsInt64() < 0)
            {
                Invalid($"{path}.{name}", o[name], "must be greater than or equal to 0");
            }
        }
    }

    /// <summary>A text that must fulfil a rule of <see cref="Names"/>.</summary>
    public void Named(string field, string? value, Func<string, string?> rule)
    {
        if (value is { Length: > 0 } ? rule(value) is { } : false)
        {
            Invalid(field, value, rule(value!)!);
        }
        else if (value is null or "")
        {
            Required(field);
        }
    }

    /// <summary>A path that stays below where it begins; absent is fine.</summary>
    public void Descending(string field, string? path)
    {
        if (path?.StartsWith('/') == true)
        {
            Invalid(field, path, "must be a relative path");
        }

        NoBacksteps(field, path);
    }

    /// <summary>A path that never goes up; absent is fine.</summary>
    public void NoBacksteps(string field, string? path)
    {
        if (path?.Split('/').Contains("..") == true)
        {
            Invalid(field, path, "must not contain '..'");
        }
    }

    /// <summary>A port number or the name of one.</summary>
    public void Port(string field, JsonNode? value, bool mayBeName = false)
    {
        switch (value)
        {
            case null:
                Required(field);
                break;
            case var v when v.AsInt64() is { } number:
                if (number is < 1 or > 65535)
                {
                    Invalid(field, v, "must be between 1 and 65535, inclusive");
                }

                break;
            case var v when mayBeName && Names.PortName(v.GetValue<string>()) is { } error:
                Invalid(field, v, error);
                break;
            default:
                break;
        }
    }

    private static string Shown(JsonNode? value)
    {
        var text = value?.ToJsonString() ?? "null";
        return text.Length > 200 ? $"{text[..200]}…" : text;
    }

    private void Add(string field, string reason, string message) => _all.Add(new ApiCause(field, reason, message));
}
