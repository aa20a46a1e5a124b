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
                    if (target[name] is JsonObject inner)
                    {
                        Apply(inner, change);
                    }
                    else
                    {
                        target[name] = Apply([], change);
                    }

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

    /// <summary>What of a patch changes the document, nulls inside values dropped; null when nothing does. Looks only where the patch points.</summary>
    public static JsonObject? Effective(JsonObject target, JsonObject patch)
    {
        JsonObject? delta = null;
        foreach (var (name, value) in patch)
        {
            switch (value)
            {
                case null when target.ContainsKey(name):
                    (delta ??= [])[name] = null;
                    break;
                case null:
                    break;
                case JsonObject change when target[name] is JsonObject inner:
                    if (Effective(inner, change) is { } part)
                    {
                        (delta ??= [])[name] = part;
                    }

                    break;
                case JsonObject change:
                    (delta ??= [])[name] = WithoutNulls(Apply([], change));
                    break;
                default:
                    var clean = value.DeepClone();
                    Clean(clean);
                    if (!JsonNode.DeepEquals(target[name], clean))
                    {
                        (delta ??= [])[name] = clean;
                    }

                    break;
            }
        }

        return delta;
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
}
