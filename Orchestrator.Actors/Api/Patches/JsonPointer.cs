using System.Globalization;
using System.Text.Json.Nodes;

namespace Orchestrator.Actors.Api.Patches;

/// <summary>A place in a document (RFC 6901): <c>/spec/containers/0/image</c>.</summary>
internal sealed class JsonPointer
{
    private readonly string _text;
    private readonly string[] _written;
    private readonly string[] _names;

    private JsonPointer(string text)
    {
        _text = text;
        _written = text.Split('/')[1..];
        _names = [.. _written.Select(w => w.Replace("~1", "/", StringComparison.Ordinal).Replace("~0", "~", StringComparison.Ordinal))];
    }

    /// <summary>Whether it is the document itself.</summary>
    public bool IsRoot => _names.Length == 0;

    /// <summary>Its last name.</summary>
    public string Name => _names[^1];

    /// <summary>Null: the text is no pointer.</summary>
    public static JsonPointer? Parse(string text) => text.Length == 0 || text[0] == '/' ? new(text) : null;

    /// <summary>Whether another place lies inside this one.</summary>
    public bool Holds(JsonPointer other) => other._text.StartsWith(_text + "/", StringComparison.Ordinal);

    /// <summary>What is at the place, or what is missing on the way to it.</summary>
    public (JsonNode? Value, string? Missing) Find(JsonNode? root) => Walk(root, _names.Length);

    /// <summary>What the place is in, or what is missing on the way to it.</summary>
    public (JsonNode? Value, string? Missing) Parent(JsonNode? root) => Walk(root, _names.Length - 1);

    /// <summary>The place in an array; null when the last name is none.</summary>
    public int? Index => IndexOf(Name);

    /// <summary>The sentence of what is not at the place.</summary>
    /// <param name="parent">What the place is in.</param>
    public string NotThere(JsonNode? parent) => NotThere(parent, _names.Length - 1);

    private (JsonNode? Value, string? Missing) Walk(JsonNode? node, int depth)
    {
        for (var i = 0; i < depth; i++)
        {
            switch (node)
            {
                case JsonObject o when o.TryGetPropertyValue(_names[i], out var value):
                    node = value;
                    break;
                case JsonArray a when IndexOf(_names[i]) is { } at && at < a.Count:
                    node = a[at];
                    break;
                default:
                    return (null, NotThere(node, i));
            }
        }

        return (node, null);
    }

    private string NotThere(JsonNode? parent, int depth)
    {
        string To(int length) => length == 0 ? "the document" : $"\"/{string.Join('/', _written[..length])}\"";
        return parent switch
        {
            JsonObject => $"there is no {To(depth + 1)}",
            JsonArray { Count: var count } when IndexOf(_names[depth]) is not null =>
                string.Create(CultureInfo.InvariantCulture, $"there is no {To(depth + 1)}: {To(depth)} has {count} element{(count == 1 ? "" : "s")}"),
            JsonArray => $"\"{_written[depth]}\" is no place in the list {To(depth)}",
            _ => $"{To(depth)} is neither an object nor a list: there is nothing in it",
        };
    }

    private static int? IndexOf(string name) =>
        int.TryParse(name, NumberStyles.None, CultureInfo.InvariantCulture, out var i) && (name == "0" || name[0] != '0') ? i : null;
}
