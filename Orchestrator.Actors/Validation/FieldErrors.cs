using System.Text.Json.Nodes;
using Orchestrator.Actors.Api;

namespace Orchestrator.Actors.Validation;

/// <summary>Collects the validation errors of an object, one per field, worded as in Kubernetes.</summary>
public sealed class FieldErrors
{
    /// <summary>More errors than this are of no use to anybody.</summary>
    private const int Most = 100;

    private readonly List<ApiCause> _all = [];
    private readonly int _most;

    /// <summary>Collects at most 100 errors.</summary>
    public FieldErrors() : this(Most)
    {
    }

    /// <summary>Collects at most a number of errors.</summary>
    internal FieldErrors(int most) => _most = most;

    /// <summary>Whether further errors are dropped, so that a check can end.</summary>
    internal bool IsFull => _all.Count >= _most;

    /// <summary>The errors so far, in the order in which they were reported.</summary>
    public IReadOnlyList<ApiCause> All => _all;

    /// <summary>Reports that a required field is missing.</summary>
    public void Required(string field, string detail = "") => Add(field, "FieldValueRequired", detail.Length == 0 ? "Required value" : $"Required value: {detail}");

    /// <summary>Reports an invalid value.</summary>
    public void Invalid(string field, JsonNode? value, string detail) => Add(field, "FieldValueInvalid", $"Invalid value: {Shown(value)}: {detail}");

    /// <summary>Reports a second occurrence of a value that must be unique.</summary>
    public void Duplicate(string field, JsonNode? value) => Add(field, "FieldValueDuplicate", $"Duplicate value: {Shown(value)}");

    /// <summary>Reports a reference to something that does not exist.</summary>
    public void NotFound(string field, JsonNode? value) => Add(field, "FieldValueNotFound", $"Not found: {Shown(value)}");

    /// <summary>Reports a field that must not be set or changed.</summary>
    public void Forbidden(string field, string detail) => Add(field, "FieldValueForbidden", $"Forbidden: {detail}");

    /// <summary>Reports an error if an immutable field differs from its stored value.</summary>
    public void Immutable(string field, JsonNode? value, JsonNode? old)
    {
        if (!JsonNode.DeepEquals(value, old))
        {
            Invalid(field, value, "field is immutable");
        }
    }

    /// <summary>Reports a value of more than <paramref name="most"/> bytes.</summary>
    public void TooLong(string field, int most) => Add(field, "FieldValueTooLong", $"Too long: must have at most {most} bytes");

    /// <summary>Reports a list of more than <paramref name="most"/> items.</summary>
    public void AtMost(string field, int count, int most)
    {
        if (count > most)
        {
            Add(field, "FieldValueTooMany", $"Too many: {count}: must have at most {most} items");
        }
    }

    /// <summary>Requires that a value, if set, is one of the supported values.</summary>
    public void OneOf(string field, string? value, params ReadOnlySpan<string> supported)
    {
        if (value is not null && !supported.Contains(value))
        {
            Add(field, "FieldValueNotSupported",
                $"Unsupported value: \"{value}\": supported values: {string.Join(", ", supported.ToArray().Select(s => $"\"{s}\""))}");
        }
    }

    /// <summary>Requires that numbers, if set, are not negative.</summary>
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

    /// <summary>Requires that a value, if set, satisfies a rule of <see cref="Names"/>.</summary>
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

    /// <summary>Requires that a path, if set, is relative and has no <c>..</c>.</summary>
    public void Descending(string field, string? path)
    {
        if (path?.StartsWith('/') == true)
        {
            Invalid(field, path, "must be a relative path");
        }

        NoBacksteps(field, path);
    }

    /// <summary>Requires that a path, if set, has no <c>..</c>.</summary>
    public void NoBacksteps(string field, string? path)
    {
        if (path?.Split('/').Contains("..") == true)
        {
            Invalid(field, path, "must not contain '..'");
        }
    }

    /// <summary>Requires a port number or, if allowed, the name of a port.</summary>
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

    private void Add(string field, string reason, string message)
    {
        if (!IsFull)
        {
            _all.Add(new ApiCause(field, reason, message));
        }
    }
}
