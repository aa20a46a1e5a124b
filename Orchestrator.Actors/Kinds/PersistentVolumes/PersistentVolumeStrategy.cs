using System.Text.Json.Nodes;
using Orchestrator.Actors.Resources;
using Orchestrator.Actors.Validation;
using Orchestrator.Actors.Workloads;
using static Orchestrator.Actors.Api.JsonFilling;

namespace Orchestrator.Actors.Kinds.PersistentVolumes;

/// <summary>Rules of PersistentVolumes (Kubernetes, "Persistent Volumes").</summary>
internal sealed class PersistentVolumeStrategy : ResourceStrategy
{
    public override void Default(JsonObject o)
    {
        if (o["spec"] is JsonObject spec)
        {
            Set(spec, "persistentVolumeReclaimPolicy", "Retain");
            Set(spec, "volumeMode", "Filesystem");
        }
    }

    public override void Validate(JsonObject o, FieldErrors errors)
    {
        var spec = o["spec"] as JsonObject;
        if (spec?["capacity"]?["storage"] is null)
        {
            errors.Required("spec.capacity.storage");
        }

        VolumeRules.Check(spec, errors);
        errors.OneOf("spec.persistentVolumeReclaimPolicy", (string?)spec?["persistentVolumeReclaimPolicy"], "Delete", "Recycle", "Retain");
    }

    public override void PrepareForCreate(JsonObject o) => o["status"] = new JsonObject { ["phase"] = "Pending" };
}
