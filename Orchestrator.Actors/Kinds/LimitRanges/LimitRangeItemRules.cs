using System.Globalization;
using System.Text.Json.Nodes;
using Orchestrator.Actors.Api;
using Orchestrator.Actors.Validation;

namespace Orchestrator.Actors.Kinds.LimitRanges;

/// <summary>Validates one item of a LimitRange: the names of its resources, and that its amounts do not contradict each other.</summary>
internal static class LimitRangeItemRules
{
    /// <summary>Type of items about each container.</summary>
    public const string Container = "Container";

    /// <summary>Type of items about all containers of a pod together.</summary>
    public const string Pod = "Pod";

    /// <summary>Type of items about the storage that a claim asks for.</summary>
    public const string Claim = "PersistentVolumeClaim";

    /// <summary>The lists of amounts in an item.</summary>
    public static readonly string[] Lists = ["min", "max", "default", "defaultRequest", "maxLimitRequestRatio"];

    // Each amount of the first list must not be above that of the second one; the error is about the field of the third.
    private static readonly (string Lesser, string Greater, string Field, string Text)[] Orders =
    [
        ("min", "max", "min", "min value {0} is greater than max value {1}"),
        ("min", "defaultRequest", "defaultRequest", "min value {0} is greater than default request value {1}"),
        ("defaultRequest", "max", "defaultRequest", "default request value {0} is greater than max value {1}"),
        ("defaultRequest", "default", "defaultRequest", "default request value {0} is greater than default limit value {1}"),
        ("min", "default", "default", "min value {0} is greater than default value {1}"),
        ("default", "max", "default", "default value {0} is greater than max value {1}"),
    ];

    public static void Check(FieldErrors errors, string path, string type, JsonObject item)
    {
        if (type.Length == 0)
        {
            errors.Required($"{path}.type");
        }
        else if (type is not (Container or Pod or Claim) && (!type.Contains('/', StringComparison.Ordinal) || Names.LabelKey(type) is not null))
        {
            errors.Invalid($"{path}.type", type, "must be a standard limit type or fully qualified");
        }

        foreach (var list in Lists)
        {
            if (type == Pod && list is "default" or "defaultRequest" && item[list] is JsonObject { Count: > 0 })
            {
                errors.Forbidden($"{path}.{list}", "may not be specified when `type` is 'Pod'");
                continue;
            }

            Resources(errors, $"{path}.{list}", type, item[list] as JsonObject);
        }

        if (type == Claim && item["min"]?["storage"] is null && item["max"]?["storage"] is null)
        {
            errors.Required($"{path}.limits", "either minimum or maximum storage value is required, but neither was provided");
        }

        foreach (var (lesser, greater, field, text) in Orders)
        {
            foreach (var (name, low) in ResourceAmounts.Read(item[lesser]))
            {
                if (ResourceAmounts.Read(item[greater]).TryGetValue(name, out var high) && low.Nanos > high.Nanos)
                {
                    errors.Invalid($"{path}.{field}[{name}]", item[field]![name], string.Format(CultureInfo.InvariantCulture, text, low, high));
                }
            }
        }

        Ratios(errors, $"{path}.maxLimitRequestRatio", item);
    }

    private static void Ratios(FieldErrors errors, string path, JsonObject item)
    {
        var (min, max) = (ResourceAmounts.Read(item["min"]), ResourceAmounts.Read(item["max"]));
        foreach (var (name, ratio) in ResourceAmounts.Read(item["maxLimitRequestRatio"]))
        {
            if (ratio.Nanos < 1_000_000_000)
            {
                errors.Invalid($"{path}[{name}]", ratio.ToString(), $"ratio {ratio} is less than 1");
            }
            else if (min.TryGetValue(name, out var low) && max.TryGetValue(name, out var high) && low.Nanos > 0
                && (double)ratio.Nanos / 1e9 > (double)high.Nanos / (double)low.Nanos)
            {
                errors.Invalid($"{path}[{name}]", ratio.ToString(), string.Create(CultureInfo.InvariantCulture,
                    $"ratio {ratio} is greater than max/min = {(double)high.Nanos / (double)low.Nanos:F6}"));
            }
        }
    }

    private static bool IsOfContainers(string name) => name is "cpu" or "memory" or "ephemeral-storage" || name.StartsWith("hugepages-", StringComparison.Ordinal);

    private static void Resources(FieldErrors errors, string path, string type, JsonObject? amounts)
    {
        foreach (var (name, _) in amounts ?? [])
        {
            var isQualified = name.Contains('/', StringComparison.Ordinal);
            if (isQualified && Names.LabelKey(name) is { } wrong)
            {
                errors.Invalid($"{path}[{name}]", name, wrong);
            }
            else if (!isQualified && !IsOfContainers(name) && (name != "storage" || type is Container or Pod))
            {
                var rule = type is Container or Pod ? "must be a standard resource for containers" : "must be a standard resource type or fully qualified";
                errors.Invalid($"{path}[{name}]", name, rule);
            }
        }
    }
}
