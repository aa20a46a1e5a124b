using System.Text.Json.Nodes;
using Orchestrator.Actors.Api;
using Orchestrator.Actors.Resources;
using Orchestrator.Actors.Validation;
using static Orchestrator.Actors.Api.JsonFilling;

namespace Orchestrator.Actors.Kinds.HorizontalPodAutoscalers;

/// <summary>Rules of HorizontalPodAutoscalers (Kubernetes, "Horizontal Pod Autoscaling").</summary>
internal sealed class HorizontalPodAutoscalerStrategy : ResourceStrategy
{
    private const int DefaultUtilization = 80;

    public override void Default(JsonObject o)
    {
        if (o["spec"] is not JsonObject spec)
        {
            return;
        }

        Set(spec, "minReplicas", 1);
        if (spec["metrics"] is not JsonArray { Count: > 0 })
        {
            spec["metrics"] = new JsonArray(new JsonObject
            {
                ["type"] = "Resource",
                ["resource"] = new JsonObject { ["name"] = "cpu", ["target"] = new JsonObject { ["type"] = "Utilization", ["averageUtilization"] = DefaultUtilization } },
            });
        }

        BehaviorRules.Default(spec);
    }

    public override void Validate(JsonObject o, FieldErrors errors)
    {
        var spec = o["spec"] as JsonObject;
        foreach (var field in (string[])["kind", "name"])
        {
            if ((string?)spec?["scaleTargetRef"]?[field] is null or "")
            {
                errors.Required($"spec.scaleTargetRef.{field}");
            }
        }

        var (least, most) = (spec?["minReplicas"].AsInt64() ?? 1, spec?["maxReplicas"].AsInt64() ?? 0);
        if (least < 1)
        {
            errors.Invalid("spec.minReplicas", spec?["minReplicas"], "must be greater than or equal to 1");
        }

        if (most < 1)
        {
            errors.Invalid("spec.maxReplicas", spec?["maxReplicas"] ?? 0, "must be greater than 0");
        }
        else if (most < least)
        {
            errors.Invalid("spec.maxReplicas", spec?["maxReplicas"], "must be greater than or equal to `minReplicas`");
        }

        foreach (var (metric, i) in MetadataValidation.Items(spec, "metrics"))
        {
            MetricValidation.Validate(metric, MetadataValidation.At("spec.metrics", i, "").TrimEnd('.'), errors);
        }

        BehaviorRules.Validate(spec, errors);
    }
}
