using System.Text.Json.Nodes;
using Orchestrator.Actors.Api;
using Orchestrator.Actors.Validation;

namespace Orchestrator.Actors.Kinds.HorizontalPodAutoscalers;

/// <summary>Rules of a metric in the spec of an autoscaler.</summary>
internal static class MetricValidation
{
    private const string NeitherOfResource = "must set either a target raw value or a target utilization";
    private const string NeitherOfOthers = "must set either a target value for metric or a per-pod target";

    // Types of metrics, and the field with the source of each.
    private static readonly (string Type, string Field)[] Sources =
        [("ContainerResource", "containerResource"), ("External", "external"), ("Object", "object"), ("Pods", "pods"), ("Resource", "resource")];

    /// <summary>Validates a metric.</summary>
    public static void Validate(JsonObject metric, string path, FieldErrors errors)
    {
        var type = (string?)metric["type"] ?? "";
        if (type.Length == 0)
        {
            errors.Required($"{path}.type", "must specify a metric source type");
            return;
        }

        errors.OneOf($"{path}.type", type, [.. Sources.Select(s => s.Type)]);
        if (Sources.FirstOrDefault(s => s.Type == type).Field is not { } field)
        {
            return;
        }

        foreach (var (_, other) in Sources.Where(s => s.Field != field && metric[s.Field] is not null))
        {
            errors.Forbidden($"{path}.{other}", "must populate the given metric source only");
        }

        if (metric[field] is not JsonObject source)
        {
            errors.Required($"{path}.{field}", "must populate information for the given metric source");
            return;
        }

        Source(field, source, $"{path}.{field}", errors);
    }

    private static void Source(string field, JsonObject source, string path, FieldErrors errors)
    {
        if (field is "resource" or "containerResource")
        {
            Filled(source, "name", path, "must specify a resource name", errors);
            if (field == "containerResource")
            {
                Filled(source, "container", path, "must specify a container", errors);
            }
        }
        else
        {
            Filled(source["metric"] as JsonObject, "name", $"{path}.metric", "must specify a metric name", errors);
        }

        if (field == "object")
        {
            Filled(source["describedObject"] as JsonObject, "kind", $"{path}.describedObject", "", errors);
            Filled(source["describedObject"] as JsonObject, "name", $"{path}.describedObject", "", errors);
        }

        var target = source["target"] as JsonObject ?? [];
        Target(target, $"{path}.target", errors);
        switch (field)
        {
            case "resource" or "containerResource" when target["averageUtilization"] is null && target["averageValue"] is null:
                errors.Required($"{path}.target.averageUtilization", NeitherOfResource);
                break;
            case "resource" or "containerResource" when target["averageUtilization"] is not null && target["averageValue"] is not null:
                errors.Forbidden($"{path}.target.averageValue", "may not set both a target raw value and a target utilization");
                break;
            case "pods" when target["averageValue"] is null:
                errors.Required($"{path}.target.averageValue", "must specify a positive target averageValue");
                break;
            case "object" or "external" when target["value"] is null && target["averageValue"] is null:
                errors.Required($"{path}.target.averageValue", NeitherOfOthers);
                break;
            case "external" when target["value"] is not null && target["averageValue"] is not null:
                errors.Forbidden($"{path}.target.value", "may not set both a target value for metric and a per-pod target");
                break;
        }
    }

    private static void Target(JsonObject target, string path, FieldErrors errors)
    {
        var type = (string?)target["type"] ?? "";
        if (type.Length == 0)
        {
            errors.Required($"{path}.type", "must specify a metric target type");
        }
        else if (type is not ("Utilization" or "Value" or "AverageValue"))
        {
            errors.Invalid($"{path}.type", type, "must be either Utilization, Value, or AverageValue");
        }

        foreach (var amount in (string[])["value", "averageValue"])
        {
            if (Quantity.Read(target[amount]) is { } said && said.Nanos <= 0)
            {
                errors.Invalid($"{path}.{amount}", target[amount], "must be positive");
            }
        }

        if (target["averageUtilization"].AsInt64() < 1)
        {
            errors.Invalid($"{path}.averageUtilization", target["averageUtilization"], "must be greater than 0");
        }
    }

    private static void Filled(JsonObject? o, string field, string path, string detail, FieldErrors errors)
    {
        if ((string?)o?[field] is null or "")
        {
            errors.Required($"{path}.{field}", detail);
        }
    }
}
