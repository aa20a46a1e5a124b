using System.Text.Json.Nodes;
using Orchestrator.Actors.Api;
using Orchestrator.Actors.Resources;
using Orchestrator.Actors.Validation;
using static Orchestrator.Actors.Api.JsonFilling;

namespace Orchestrator.Actors.Kinds.LimitRanges;

/// <summary>Rules of LimitRanges (Kubernetes, "Limit Ranges").</summary>
internal sealed class LimitRangeStrategy : ResourceStrategy
{
    /// <summary>What a container gets that says nothing: the limit is the maximum, the request the limit or else the minimum.</summary>
    public override void Default(JsonObject o)
    {
        foreach (var item in o["spec"] is JsonObject spec ? Items(spec, "limits") : [])
        {
            foreach (var list in LimitRangeItemRules.Lists)
            {
                ResourceAmounts.Canonicalize(item[list]);
            }

            if ((string?)item["type"] == LimitRangeItemRules.Container)
            {
                Fill(item, "default", "max");
                Fill(item, "defaultRequest", "default");
                Fill(item, "defaultRequest", "min");
            }
        }
    }

    public override void Validate(JsonObject o, FieldErrors errors)
    {
        var types = new HashSet<string>();
        foreach (var (item, i) in MetadataValidation.Items(o["spec"] as JsonObject, "limits"))
        {
            var type = (string?)item["type"] ?? "";
            if (!types.Add(type))
            {
                errors.Duplicate(MetadataValidation.At("spec.limits", i, "type"), type);
            }

            LimitRangeItemRules.Check(errors, $"spec.limits[{i}]", type, item);
        }
    }

    private static void Fill(JsonObject item, string list, string from)
    {
        foreach (var (name, amount) in (item[from] as JsonObject ?? []).ToList())
        {
            Set(Child(item, list), name, amount!.DeepClone());
        }
    }
}
