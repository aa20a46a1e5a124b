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
        errors.OneOf("spec.updateStrategy.type", (string?)o["spec"]?["updateStrategy"]?["type"], "OnDelete", "RollingUpdate");
    }
}
