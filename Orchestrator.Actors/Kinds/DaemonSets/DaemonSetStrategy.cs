using System.Text.Json.Nodes;
using Orchestrator.Actors.Validation;
using Orchestrator.Actors.Workloads;
using static Orchestrator.Actors.Api.JsonFilling;

namespace Orchestrator.Actors.Kinds.DaemonSets;

/// <summary>Rules of DaemonSets (Kubernetes, "DaemonSet").</summary>
internal sealed class DaemonSetStrategy() : WorkloadStrategy("DaemonSet", hasReplicas: false)
{
    public override void Default(JsonObject o)
    {
        base.Default(o);
        if (o["spec"] is not JsonObject spec)
        {
            return;
        }

        Set(spec, "revisionHistoryLimit", 10);
        var update = Child(spec, "updateStrategy");
        Set(update, "type", "RollingUpdate");
        if ((string?)update["type"] == "RollingUpdate")
        {
            var rolling = Child(update, "rollingUpdate");
            Set(rolling, "maxSurge", 0);
            Set(rolling, "maxUnavailable", 1);
        }
    }

    public override void Validate(JsonObject o, FieldErrors errors)
    {
        base.Validate(o, errors);
        StartAfter.Validate(o, DaemonSetDefinition.Instance, errors);
        var update = o["spec"]?["updateStrategy"] as JsonObject;
        errors.OneOf("spec.updateStrategy.type", (string?)update?["type"], "OnDelete", "RollingUpdate");
        if ((string?)update?["type"] == "RollingUpdate")
        {
            Rolling(update["rollingUpdate"] as JsonObject, errors);
        }
    }

    // The name of the field that is 0 stands in the message, as in Kubernetes.
    private static void Rolling(JsonObject? rolling, FieldErrors errors)
    {
        const string Path = "spec.updateStrategy.rollingUpdate";
        var unavailable = Shares.Check(errors, Path, rolling, "maxUnavailable", atMost100: true);
        var surge = Shares.Check(errors, Path, rolling, "maxSurge", atMost100: true);
        if (unavailable > 0 && surge > 0)
        {
            errors.Invalid($"{Path}.maxSurge", rolling!["maxSurge"], "may not be set when maxUnavailable is non-zero");
        }
        else if (unavailable == 0 && surge == 0)
        {
            errors.Required($"{Path}.maxUnavailable", "cannot be 0 when maxSurge is 0");
        }
    }
}
