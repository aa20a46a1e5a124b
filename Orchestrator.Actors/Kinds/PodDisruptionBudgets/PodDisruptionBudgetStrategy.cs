using System.Globalization;
using System.Text.Json.Nodes;
using Orchestrator.Actors.Resources;
using Orchestrator.Actors.Validation;

namespace Orchestrator.Actors.Kinds.PodDisruptionBudgets;

/// <summary>Rules of PodDisruptionBudgets (policy/v1).</summary>
internal sealed class PodDisruptionBudgetStrategy : ResourceStrategy
{
    public override void Validate(JsonObject o, FieldErrors errors)
    {
        var spec = o["spec"] as JsonObject;
        if (spec?["minAvailable"] is not null && spec["maxUnavailable"] is not null)
        {
            errors.Invalid("spec", spec, "minAvailable and maxUnavailable cannot be both set");
        }

        foreach (var name in (string[])["minAvailable", "maxUnavailable"])
        {
            Check($"spec.{name}", spec?[name], errors);
        }

        errors.OneOf("spec.unhealthyPodEvictionPolicy", (string?)spec?["unhealthyPodEvictionPolicy"], "AlwaysAllow", "IfHealthyBudget");
        MetadataValidation.Selector(errors, "spec.selector", spec?["selector"] as JsonObject);
    }

    private static void Check(string path, JsonNode? value, FieldErrors errors)
    {
        switch (value?.GetValueKind())
        {
            case System.Text.Json.JsonValueKind.Number when value.GetValue<long>() < 0:
                errors.Invalid(path, value, "must be greater than or equal to 0");
                break;
            case System.Text.Json.JsonValueKind.String when Percent((string)value!) is not { } percent:
                errors.Invalid(path, value, "a valid percent string must be a numeric string followed by an ending '%' (e.g. '1%', or '93%')");
                break;
            case System.Text.Json.JsonValueKind.String when Percent((string)value!) > 100:
                errors.Invalid(path, value, "must not be greater than 100%");
                break;
            default:
                break;
        }
    }

    private static int? Percent(string text) =>
        text.EndsWith('%') && int.TryParse(text.AsSpan()[..^1], NumberStyles.None, CultureInfo.InvariantCulture, out var percent) ? percent : null;
}
