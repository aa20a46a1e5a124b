using System.Text.Json.Nodes;

namespace Orchestrator.Actors.Api;

/// <summary>RFC 7386 merge patches: how events record a change and how a state takes it.</summary>
public static class JsonMerge
{
    /// <summary>Applies a patch to a target that may be changed, and returns the target.</summary>
    public static JsonObject Apply(JsonObject target, JsonObject patch)
    {
        foreach (var (name, value) in patch)
        {
            switch (value)
            {
                case null:
                    target.Remove(name);
                    break;
                case JsonObject change:
                    target[name] = Apply(target[name] as JsonObject is { } inner ? Detach(target, name, inner) : [], change);
                    break;
                default:
                    target[name] = value.DeepClone();
                    break;
            }
        }

        return target;
    }

    /// <summary>The smallest patch that turns one document into the other; null when they are equal.</summary>
    public static JsonObject? Diff(JsonObject from, JsonObject to)
    {
        JsonObject? patch = null;
        foreach (var (name, _) in from)
        {
            if (!to.ContainsKey(name))
            {
                (patch ??= [])[name] = null;
            }
        }

        foreach (var (name, value) in to)
        {
            var before = from[name];
            if (value is JsonObject after && before is JsonObject old)
            {
                if (Diff(old, after) is { } inner)
                {
                    (patch ??= [])[name] = inner;
                }
            }
            else if (!JsonNode.DeepEquals(before, value) || !from.ContainsKey(name))
            {
                (patch ??= [])[name] = value?.DeepClone();
            }
        }

        return patch;
    }

    /// <summary>Removes members whose value is null, as an API server does on decoding: a merge patch cannot carry them.</summary>
    public static JsonObject WithoutNulls(JsonObject node)
    {
        foreach (var name in node.Where(p => p.Value is null).Select(p => p.Key).ToList())
        {
            node.Remove(name);
        }

        foreach (var (_, value) in node)
        {
            Clean(value);
        }

        return node;
    }

    private static void Clean(JsonNode? node)
    {
        switch (node)
        {
            case JsonObject inner:
                WithoutNulls(inner);
                break;
            case JsonArray array:
                foreach (var item in array)
                {
                    Clean(item);
                }

                break;
        }
    }

    private static JsonObject Detach(JsonObject parent, string name, JsonObject inner)
    {
        parent.Remove(name);
        return inner;
    }
}
