using System.Globalization;
using System.Text.Json.Nodes;

namespace Orchestrator.Actors.Api.Patches;

/// <summary>RFC 6902 patches.</summary>
public static class JsonPatch
{
    /// <summary>The patched document, or which operation failed and why.</summary>
    public static (JsonObject? Result, string? Error) Apply(JsonObject target, JsonArray operations)
    {
        JsonNode? root = target.DeepClone();
        foreach (var (operation, i) in operations.Select((o, i) => (o as JsonObject, i)))
        {
            var error = operation is null ? "is not an object" : One(ref root, operation);
            if (error is not null)
            {
                return (null, $"operation {i} {error}");
            }
        }

        return root is JsonObject result ? (result, null) : (null, "the result is not an object");
    }

    private static string? One(ref JsonNode? root, JsonObject o)
    {
        var (op, path, from) = (Text(o, "op"), Text(o, "path"), Text(o, "from"));
        if (path is null)
        {
            return "has no path";
        }

        switch (op)
        {
            case "add":
                return o.ContainsKey("value") ? Set(ref root, path, o["value"]?.DeepClone(), isNew: true) : "has no value";
            case "replace":
                return !o.ContainsKey("value") ? "has no value" : Set(ref root, path, o["value"]?.DeepClone(), isNew: false);
            case "remove":
                return Remove(root, path);
            case "test":
                return Find(root, path) is (true, var found) && JsonNode.DeepEquals(found, o["value"]) ? null : $"test failed at {path}";
            case "move" or "copy" when from is not null:
                var (exists, value) = Find(root, from);
                if (!exists)
                {
                    return $"from {from} does not exist";
                }

                var copy = value?.DeepClone();
                return (op == "move" ? Remove(root, from) : null) ?? Set(ref root, path, copy, isNew: true);
            default:
                return $"has an unknown op \"{op}\"";
        }
    }

    private static string? Set(ref JsonNode? root, string path, JsonNode? value, bool isNew)
    {
        if (path.Length == 0)
        {
            root = value;
            return null;
        }

        var (parent, name) = Parent(root, path);
        switch (parent)
        {
            case JsonObject o when isNew || o.ContainsKey(name):
                o[name] = value;
                return null;
            case JsonArray a when name == "-" && isNew:
                a.Add(value);
                return null;
            case JsonArray a when Index(name) is { } i && i < a.Count + (isNew ? 1 : 0):
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
                return $"path {path} does not exist";
        }
    }

    private static string? Remove(JsonNode? root, string path)
    {
        var (parent, name) = Parent(root, path);
        switch (parent)
        {
            case JsonObject o when o.Remove(name):
                return null;
            case JsonArray a when Index(name) is { } i && i < a.Count:
                a.RemoveAt(i);
                return null;
            default:
                return $"path {path} does not exist";
        }
    }

    private static (bool Exists, JsonNode? Value) Find(JsonNode? root, string path)
    {
        if (path.Length == 0)
        {
            return (true, root);
        }

        var (parent, name) = Parent(root, path);
        return parent switch
        {
            JsonObject o when o.TryGetPropertyValue(name, out var value) => (true, value),
            JsonArray a when Index(name) is { } i && i < a.Count => (true, a[i]),
            _ => (false, null),
        };
    }

    private static (JsonNode? Parent, string Name) Parent(JsonNode? root, string path)
    {
        var parts = path.Split('/').Skip(1).Select(p => p.Replace("~1", "/", StringComparison.Ordinal).Replace("~0", "~", StringComparison.Ordinal)).ToArray();
        if (parts.Length == 0)
        {
            return (null, "");
        }

        foreach (var part in parts[..^1])
        {
            root = root switch
            {
                JsonObject o => o[part],
                JsonArray a when Index(part) is { } i && i < a.Count => a[i],
                _ => null,
            };
        }

        return (root, parts[^1]);
    }

    private static int? Index(string name) =>
        int.TryParse(name, NumberStyles.None, CultureInfo.InvariantCulture, out var i) ? i : null;

    private static string? Text(JsonObject o, string name) => o[name] is JsonValue v && v.TryGetValue<string>(out var text) ? text : null;
}
