using System.Text.Json.Nodes;

namespace Orchestrator.Actors.Api;

/// <summary>Creates and applies RFC 7386 merge patches, the form in which events store changes.</summary>
public static class JsonMerge
{
    /// <summary>Applies a patch. Modifies and returns the target.</summary>
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

    /// <summary>Returns the smallest patch from one document to the other; null if they are equal.</summary>
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

    /// <summary>Returns the part of a patch that changes the document, without nulls inside values; null if it changes nothing. Visits only
    /// the members that the patch names.</summary>
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

    /// <summary>Removes members with the value null, which a merge patch cannot represent. Kubernetes does the same when it decodes.</summary>
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
