using System.Text.Json.Nodes;
using Orchestrator.Actors.Api;
using Orchestrator.Actors.Validation;
using Orchestrator.Actors.Workloads;
using static Orchestrator.Actors.Api.JsonFilling;

namespace Orchestrator.Actors.Kinds.Deployments;

/// <summary>Rules of Deployments (Kubernetes, "Deployments").</summary>
internal sealed class DeploymentStrategy() : WorkloadStrategy("Deployment")
{
    public override void Default(JsonObject o)
    {
        base.Default(o);
        if (o["spec"] is not JsonObject spec)
        {
            return;
        }

        Set(spec, "revisionHistoryLimit", 10);
        Set(spec, "progressDeadlineSeconds", 600);
        var strategy = Child(spec, "strategy");
        Set(strategy, "type", "RollingUpdate");
        if ((string?)strategy["type"] == "RollingUpdate")
        {
            var rolling = Child(strategy, "rollingUpdate");
            Set(rolling, "maxSurge", "25%");
            Set(rolling, "maxUnavailable", "25%");
        }
    }

    public override void Validate(JsonObject o, FieldErrors errors)
    {
        base.Validate(o, errors);
        StartAfter.Validate(o, DeploymentDefinition.Instance, errors);
        Strategy(o["spec"] as JsonObject, errors);
        foreach (var annotation in (string[])[AutoRollback.Annotation, ConfigPin.Annotation])
        {
            errors.OneOf($"metadata.annotations[{annotation}]", (string?)o["metadata"]?["annotations"]?[annotation], "true", "false");
        }
    }

    private static void Strategy(JsonObject? spec, FieldErrors errors)
    {
        if ((spec?["progressDeadlineSeconds"].AsInt64() ?? 600) <= (spec?["minReadySeconds"].AsInt64() ?? 0))
        {
            errors.Invalid("spec.progressDeadlineSeconds", spec?["progressDeadlineSeconds"] ?? 600, "must be greater than minReadySeconds");
        }

        var type = spec?["strategy"]?["type"]?.GetValue<string>();
        errors.OneOf("spec.strategy.type", type, "Recreate", "RollingUpdate");
        if (spec?["strategy"]?["rollingUpdate"] is not JsonObject rolling)
        {
            return;
        }

        if (type == "Recreate")
        {
            errors.Forbidden("spec.strategy.rollingUpdate", "may not be specified when strategy `type` is 'Recreate'");
            return;
        }

        const string Path = "spec.strategy.rollingUpdate";
        var (surge, unavailable) = (Shares.Check(errors, Path, rolling, "maxSurge", atMost100: false), Shares.Check(errors, Path, rolling, "maxUnavailable", atMost100: true));
        if (surge == 0 && unavailable == 0)
        {
            errors.Invalid("spec.strategy.rollingUpdate.maxUnavailable", rolling["maxUnavailable"], "may not be 0 when `maxSurge` is 0");
        }
    }
}
