using System.Text.Json.Nodes;
using Orchestrator.Actors.Kinds.LimitRanges;
using Orchestrator.Actors.Resources;
using Orchestrator.Actors.Validation;
using Orchestrator.Actors.Workloads;
using static Orchestrator.Actors.Api.JsonFilling;

namespace Orchestrator.Actors.Kinds.PersistentVolumeClaims;

/// <summary>Rules of PersistentVolumeClaims (Kubernetes, "Persistent Volumes").</summary>
internal sealed class PersistentVolumeClaimStrategy : ResourceStrategy
{
    public override void Default(JsonObject o)
    {
        if (o["spec"] is JsonObject spec)
        {
            Set(spec, "volumeMode", "Filesystem");
        }
    }

    public override void Validate(JsonObject o, FieldErrors errors)
    {
        var spec = o["spec"] as JsonObject;
        if (spec?["resources"]?["requests"]?["storage"] is null)
        {
            errors.Required("spec.resources.requests.storage");
        }

        VolumeRules.Check(spec, errors);
    }

    // Of a claim that asks for something else than before: nobody is hindered to change the labels of one that is there.
    public override string? Permit(JsonObject o, JsonObject? old, IAdmissionView view) =>
        JsonNode.DeepEquals(o["spec"]?["resources"], old?["spec"]?["resources"]) ? null : LimitRangeAdmission.JudgeClaim(o, view);

    public override void PrepareForCreate(JsonObject o) => o["status"] = new JsonObject { ["phase"] = "Pending" };
}
