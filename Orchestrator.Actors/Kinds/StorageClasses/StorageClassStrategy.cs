using System.Text.Json.Nodes;
using Orchestrator.Actors.Resources;
using Orchestrator.Actors.Validation;
using static Orchestrator.Actors.Api.JsonFilling;

namespace Orchestrator.Actors.Kinds.StorageClasses;

/// <summary>Rules of StorageClasses (Kubernetes, "Storage Classes").</summary>
internal sealed class StorageClassStrategy : ResourceStrategy
{
    public override void Default(JsonObject o)
    {
        Set(o, "reclaimPolicy", "Delete");
        Set(o, "volumeBindingMode", "Immediate");
    }

    public override void Validate(JsonObject o, FieldErrors errors)
    {
        if ((string?)o["provisioner"] is null or "")
        {
            errors.Required("provisioner");
        }

        errors.OneOf("reclaimPolicy", (string?)o["reclaimPolicy"], "Delete", "Retain");
        errors.OneOf("volumeBindingMode", (string?)o["volumeBindingMode"], "Immediate", "WaitForFirstConsumer");
    }

    public override void ValidateUpdate(JsonObject o, JsonObject old, FieldErrors errors)
    {
        foreach (var field in (string[])["parameters", "provisioner", "reclaimPolicy", "volumeBindingMode"])
        {
            if (!JsonNode.DeepEquals(o[field], old[field]))
            {
                errors.Forbidden(field, "updates to this field are forbidden");
            }
        }
    }
}
