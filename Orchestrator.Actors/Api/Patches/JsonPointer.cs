using System.Globalization;
using System.Text.Json.Nodes;

namespace Orchestrator.Actors.Api.Patches;

/// <summary>A JSON pointer (RFC 6901), such as <c>/spec/containers/0/image</c>.</summary>
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

    /// <summary>The number of its names.</summary>
    public int Depth => _names.Length;

    /// <summary>Whether it points to the whole document.</summary>
    public bool IsRoot => _names.Length == 0;

    /// <summary>The last reference token.</summary>
    public string Name => _names[^1];

    /// <summary>Parses a pointer; null if it is invalid.</summary>
    public static JsonPointer? Parse(string text) => text.Length == 0 || text[0] == '/' ? new(text) : null;

    /// <summary>Whether another pointer points into the value of this one.</summary>
    public bool Holds(JsonPointer other) => other._text.StartsWith(_text + "/", StringComparison.Ordinal);

    /// <summary>Returns the value, or an error message that names the missing part of the path.</summary>
    public (JsonNode? Value, string? Missing) Find(JsonNode? root) => Walk(root, _names.Length);

    /// <summary>Returns the parent of the value, or an error message that names the missing part of the path.</summary>
    public (JsonNode? Value, string? Missing) Parent(JsonNode? root) => Walk(root, _names.Length - 1);

    /// <summary>The last token as an array index; null if it is not one.</summary>
    public int? Index => IndexOf(Name);

    /// <summary>Returns the error message for a value that does not exist.</summary>
    /// <param name="parent">Parent of the missing value.</param>
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
