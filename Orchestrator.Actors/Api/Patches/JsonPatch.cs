using System.Text.Json.Nodes;

namespace Orchestrator.Actors.Api.Patches;

/// <summary>Applies RFC 6902 patches.</summary>
public static class JsonPatch
{
    private const int MaxShown = 100;
    private const int MaxCopied = 100_000;

    // As deep as the body of a request may be.
    private const int MaxDepth = 50;

    /// <summary>Returns the patched document, or an error message that names the failed operation.</summary>
    public static (JsonObject? Result, string? Error) Apply(JsonObject target, JsonArray operations)
    {
        JsonNode? root = target.DeepClone();
        var budget = MaxCopied;
        foreach (var (operation, i) in operations.Select((o, i) => (o as JsonObject, i)))
        {
            if (operation is null)
            {
                return (null, $"operation {i} is not an object");
            }

            if (One(ref root, operation, ref budget) is { } error)
            {
                return (null, $"operation {i} ({Text(operation, "op") ?? "without op"} \"{Text(operation, "path")}\"): {error}");
            }
        }

        return root is JsonObject result ? (result, null) : (null, "the result is not an object");
    }

    private static string? One(ref JsonNode? root, JsonObject o, ref int budget)
    {
        var op = Text(o, "op");
        if (op is not ("add" or "remove" or "replace" or "move" or "copy" or "test"))
        {
            return "op must be add, remove, replace, move, copy or test";
        }

        var (path, wrong) = Pointer(o, "path");
        if (path is null)
        {
            return wrong;
        }

        if (op is "move" or "copy")
        {
            var (from, wrongFrom) = Pointer(o, "from");
            return from is null ? wrongFrom : Take(ref root, from, path, isMove: op == "move", ref budget);
        }

        return op == "remove" ? Remove(root, path)
            : !o.ContainsKey("value") ? "value is missing"
            : op == "test" ? Test(root, path, o["value"])
            : Set(ref root, path, o["value"]?.DeepClone(), isNew: op == "add");
    }

    private static string? Take(ref JsonNode? root, JsonPointer from, JsonPointer path, bool isMove, ref int budget)
    {
        var (value, missing) = from.Find(root);
        if (missing is not null)
        {
            return $"from: {missing}";
        }

        if (isMove && from.Holds(path))
        {
            return "nothing can be moved into itself";
        }

        // Each copy may double the document, in size or in depth.
        if (!Fits(value, path.Depth, ref budget))
        {
            return $"the document would have more than {MaxDepth} levels, or the patch copies more than {MaxCopied} values";
        }

        var copy = value?.DeepClone();
        return (isMove ? Remove(root, from) : null) ?? Set(ref root, path, copy, isNew: true);
    }

    private static bool Fits(JsonNode? value, int depth, ref int budget)
    {
        if (depth > MaxDepth || --budget < 0)
        {
            return false;
        }

        foreach (var part in value switch { JsonObject o => o.Select(p => p.Value), JsonArray a => a, _ => [] })
        {
            if (!Fits(part, depth + 1, ref budget))
            {
                return false;
            }
        }

        return true;
    }

    private static string? Test(JsonNode? root, JsonPointer path, JsonNode? value)
    {
        var (found, missing) = path.Find(root);
        return missing ?? (JsonNode.DeepEquals(found, value) ? null : $"the test failed: the value is {Shown(found)}, not {Shown(value)}");
    }

    private static string? Set(ref JsonNode? root, JsonPointer path, JsonNode? value, bool isNew)
    {
        if (path.IsRoot)
        {
            root = value;
            return null;
        }

        var (parent, missing) = path.Parent(root);
        switch (parent)
        {
            case JsonObject o when isNew || o.ContainsKey(path.Name):
                o[path.Name] = value;
                return null;
            case JsonArray a when path.Name == "-" && isNew:
                a.Add(value);
                return null;
            case JsonArray a when path.Index is { } i && i < a.Count + (isNew ? 1 : 0):
                if (isNew)
                {
                    a.Insert(i, value);
                }
                else
                {
                    a[i] = value;
                }

                return null;
            default:
                return missing ?? path.NotThere(parent);
        }
    }

    private static string? Remove(JsonNode? root, JsonPointer path)
    {
        if (path.IsRoot)
        {
            return "the whole document cannot be removed";
        }

        var (parent, missing) = path.Parent(root);
        switch (parent)
        {
            case JsonObject o when o.Remove(path.Name):
                return null;
            case JsonArray a when path.Index is { } i && i < a.Count:
                a.RemoveAt(i);
                return null;
            default:
                return missing ?? path.NotThere(parent);
        }
    }

    private static (JsonPointer? Pointer, string? Wrong) Pointer(JsonObject o, string field) => Text(o, field) switch
    {
        null => (null, $"{field} is missing"),
        { } text when JsonPointer.Parse(text) is { } pointer => (pointer, null),
        { } text => (null, $"{field} \"{text}\" must begin with \"/\""),
    };

    private static string Shown(JsonNode? value)
    {
        var text = value?.ToJsonString() ?? "null";
        return text.Length > MaxShown ? $"{text[..MaxShown]}…" : text;
    }

    private static string? Text(JsonObject o, string name) => o[name] is JsonValue v && v.TryGetValue<string>(out var text) ? text : null;
}
