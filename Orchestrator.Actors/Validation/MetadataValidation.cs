using System.Globalization;
using System.Text;
using System.Text.Json.Nodes;
using Orchestrator.Actors.Resources;

namespace Orchestrator.Actors.Validation;

/// <summary>Validates names, labels, annotations, owner references and label selectors.</summary>
internal static class MetadataValidation
{
    private const int MaxAnnotations = 256 * 1024;

    public static void Check(FieldErrors causes, ResourceDefinition kind, JsonObject meta, bool mayGenerateName)
    {
        var rule = kind.NameRule;
        var (name, prefix) = (meta["name"]?.GetValue<string>() ?? "", meta["generateName"]?.GetValue<string>() ?? "");
        if (prefix.Length > 0 && rule(prefix.EndsWith('-') ? $"{prefix.TrimEnd('-')}a" : prefix) is { } wrong)
        {
            causes.Invalid("metadata.generateName", prefix, wrong);
        }

        if (name.Length == 0 && !(mayGenerateName && prefix.Length > 0))
        {
            causes.Required("metadata.name", "name or generateName is required");
        }
        else if (name.Length > 0 && rule(name) is { } error)
        {
            causes.Invalid("metadata.name", name, error);
        }

        Labels(causes, "metadata", meta);
        foreach (var (owner, i) in Items(meta, "ownerReferences"))
        {
            foreach (var needed in (string[])["apiVersion", "kind", "name", "uid"])
            {
                if (owner[needed]?.GetValue<string>() is null or "")
                {
                    causes.Required(At("metadata.ownerReferences", i, needed), "must not be empty");
                }
            }
        }

        foreach (var finalizer in Finalizers(meta))
        {
            if (Names.LabelKey(finalizer) is { } bad)
            {
                causes.Invalid("metadata.finalizers", finalizer, bad);
            }
        }
    }

    /// <summary>Rejects new finalizers on an object that is being deleted; they could delay its deletion forever.</summary>
    public static void CheckUpdate(FieldErrors causes, JsonObject meta, JsonObject old)
    {
        if (old["deletionTimestamp"] is null)
        {
            return;
        }

        var added = Finalizers(meta).Except(Finalizers(old)).ToList();
        if (added.Count > 0)
        {
            causes.Forbidden("metadata.finalizers", $"no new finalizers can be added if the object is being deleted, found new finalizers: {string.Join(", ", added)}");
        }
    }

    public static void Labels(FieldErrors causes, string path, JsonObject? meta)
    {
        Map(causes, $"{path}.labels", meta?["labels"] as JsonObject);
        var size = 0;
        foreach (var (key, value) in meta?["annotations"] as JsonObject ?? [])
        {
            size += key.Length + Encoding.UTF8.GetByteCount(value!.GetValue<string>());
            if (Names.LabelKey(key.ToLowerInvariant()) is { } error)
            {
                causes.Invalid($"{path}.annotations", key, error);
            }
        }

        if (size > MaxAnnotations)
        {
            causes.TooLong($"{path}.annotations", MaxAnnotations);
        }
    }

    public static void Map(FieldErrors causes, string path, JsonObject? labels)
    {
        foreach (var (key, value) in labels ?? [])
        {
            if (Names.LabelKey(key) is { } wrongKey)
            {
                causes.Invalid(path, key, wrongKey);
            }

            if (Names.LabelValue(value!.GetValue<string>()) is { } wrongValue)
            {
                causes.Invalid(path, value, wrongValue);
            }
        }
    }

    public static void Selector(FieldErrors causes, string path, JsonObject? selector)
    {
        Map(causes, $"{path}.matchLabels", selector?["matchLabels"] as JsonObject);
        Expressions(causes, $"{path}.matchExpressions", selector, "matchExpressions", isNode: false);
    }

    /// <summary>Whether a label selector selects labels.</summary>
    public static bool Selects(JsonObject selector, JsonObject labels) =>
        (selector["matchLabels"] as JsonObject ?? []).All(p => Value(labels, p.Key) == p.Value!.GetValue<string>())
        && Items(selector, "matchExpressions").All(e =>
        {
            var value = Value(labels, e.Item["key"]?.GetValue<string>() ?? "");
            var isListed = (e.Item["values"] as JsonArray ?? []).Any(v => v!.GetValue<string>() == value);
            return e.Item["operator"]?.GetValue<string>() switch
            {
                "In" => value is not null && isListed,
                "NotIn" => !isListed,
                "Exists" => value is not null,
                "DoesNotExist" => value is null,
                _ => true,
            };
        });

    /// <summary>Validates the requirements of a label selector or, with <c>Gt</c> and <c>Lt</c> too, of node affinity.</summary>
    public static void Expressions(FieldErrors causes, string path, JsonObject? parent, string name, bool isNode)
    {
        foreach (var (term, i) in Items(parent, name))
        {
            var (key, op) = (term["key"]?.GetValue<string>() ?? "", term["operator"]?.GetValue<string>() ?? "");
            var count = (term["values"] as JsonArray)?.Count ?? 0;
            causes.Named(At(path, i, "key"), key, Names.LabelKey);
            var values = At(path, i, "values");
            switch (op)
            {
                case "In" or "NotIn" when count == 0:
                    causes.Required(values, "must be specified when `operator` is 'In' or 'NotIn'");
                    break;
                case "Exists" or "DoesNotExist" when count > 0:
                    causes.Forbidden(values, "may not be specified when `operator` is 'Exists' or 'DoesNotExist'");
                    break;
                case "Gt" or "Lt" when isNode && count != 1:
                    causes.Required(values, "must be specified single value when `operator` is 'Lt' or 'Gt'");
                    break;
                case "In" or "NotIn" or "Exists" or "DoesNotExist":
                case "Gt" or "Lt" when isNode:
                    break;
                default:
                    causes.Invalid(At(path, i, "operator"), op, "not a valid selector operator");
                    break;
            }

            for (var at = 0; at < count; at++)
            {
                var value = term["values"]![at]!.GetValue<string>();
                if (Names.LabelValue(value) is { } error)
                {
                    causes.Invalid($"{values}[{at.ToString(CultureInfo.InvariantCulture)}]", value, error);
                }
            }
        }
    }

    public static IEnumerable<(JsonObject Item, int Index)> Items(JsonObject? parent, string name) =>
        (parent?[name] as JsonArray ?? []).Select((item, i) => ((JsonObject)item!, i));

    private static IEnumerable<string> Finalizers(JsonObject meta) => (meta["finalizers"] as JsonArray ?? []).Select(f => f!.GetValue<string>());

    public static string At(string path, int index, string name) => $"{path}[{index.ToString(CultureInfo.InvariantCulture)}].{name}";

    private static string? Value(JsonObject labels, string key) => labels[key]?.GetValue<string>();
}
