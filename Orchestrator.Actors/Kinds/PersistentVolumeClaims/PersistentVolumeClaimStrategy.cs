using System.Text.Json.Nodes;
using Orchestrator.Actors.Api;
using Orchestrator.Actors.Kinds.LimitRanges;
using Orchestrator.Actors.Kinds.StorageClasses;
using Orchestrator.Actors.Resources;
using Orchestrator.Actors.Validation;
using Orchestrator.Actors.Workloads;
using static Orchestrator.Actors.Api.JsonFilling;

namespace Orchestrator.Actors.Kinds.PersistentVolumeClaims;

/// <summary>Rules of PersistentVolumeClaims (Kubernetes, "Persistent Volumes").</summary>
internal sealed class PersistentVolumeClaimStrategy : ResourceStrategy
{
    private const string StorageField = "spec.resources.requests.storage";

    public override void Default(JsonObject o)
    {
        if (o["spec"] is JsonObject spec)
        {
            Set(spec, "volumeMode", "Filesystem");
        }
    }

    // Kubernetes' admission plugins StorageObjectInUseProtection and DefaultStorageClass.
    public override string? Admit(JsonObject o, IAdmissionView view)
    {
        VolumeRules.Protect(o, VolumeAnnotations.ClaimProtection);
        if (o["spec"] is JsonObject spec && spec["storageClassName"] is null && o["metadata"]?["annotations"]?[VolumeAnnotations.FormerClass] is null && DefaultClass.NameIn(view) is { } usual)
        {
            spec["storageClassName"] = usual;
        }

        return null;
    }

    public override void Validate(JsonObject o, FieldErrors errors)
    {
        var spec = o["spec"] as JsonObject;
        VolumeRules.Amount(StorageField, spec?["resources"]?["requests"]?["storage"], errors);
        VolumeRules.Check(spec, errors);
        if ((string?)spec?["storageClassName"] is { Length: > 0 } name)
        {
            errors.Named("spec.storageClassName", name, Names.Subdomain);
        }
    }

    public override void ValidateUpdate(JsonObject o, JsonObject old, FieldErrors errors)
    {
        var (before, after) = (old["spec"] as JsonObject ?? [], o["spec"] as JsonObject ?? []);
        var isBound = (string?)old["status"]?["phase"] == "Bound";
        var isAnnotated = old["metadata"]?["annotations"]?[VolumeAnnotations.FormerClass] is not null;

        // What is not there yet may be said once; a bound claim may ask for more.
        if (!JsonNode.DeepEquals(Fixed(before, before, isBound, isAnnotated), Fixed(after, before, isBound, isAnnotated)))
        {
            errors.Forbidden("spec", "spec is immutable after creation except resources.requests and volumeAttributesClassName for bound claims");
        }
        else if (Quantity.Read(Storage(after)) is { Nanos: var wanted } && Quantity.Read(Storage(before)) is { Nanos: var had } && wanted < had)
        {
            errors.Forbidden(StorageField, "field can not be less than previous value");
        }
    }

    // Of a claim that asks for something else than before: nobody is hindered to change the labels of one that is there.
    public override string? Permit(JsonObject o, JsonObject? old, IAdmissionView view) =>
        JsonNode.DeepEquals(o["spec"]?["resources"], old?["spec"]?["resources"]) ? null
            : LimitRangeAdmission.JudgeClaim(o, view) ?? (old is null ? null : Resize(o, old, view));

    public override void PrepareForCreate(JsonObject o) => o["status"] = new JsonObject { ["phase"] = "Pending" };

    // Kubernetes' admission plugin PersistentVolumeClaimResize.
    private static string? Resize(JsonObject o, JsonObject old, IAdmissionView view)
    {
        if (Quantity.Read(Storage(o["spec"])) is not { Nanos: var wanted } || Quantity.Read(Storage(old["spec"])) is not { Nanos: var had } || wanted <= had)
        {
            return null;
        }

        var name = (string?)old["metadata"]?["annotations"]?[VolumeAnnotations.FormerClass] ?? (string?)old["spec"]?["storageClassName"] ?? "";
        return name.Length > 0 && view.Find(StorageClassDefinition.Instance.Key(null, name)) is { } found && IsTrue(found.ToNode()["allowVolumeExpansion"]) ? null
            : "only dynamically provisioned pvc can be resized and the storageclass that provisions the pvc must support resize";
    }

    private static JsonObject Fixed(JsonObject spec, JsonObject before, bool isBound, bool isAnnotated)
    {
        var kept = (JsonObject)spec.DeepClone();
        kept.Remove("volumeAttributesClassName");
        foreach (var (field, isOpen) in ((string, bool)[])[("volumeName", (string?)before["volumeName"] is null or ""), ("storageClassName", before["storageClassName"] is null && !isAnnotated)])
        {
            if (isOpen)
            {
                kept.Remove(field);
            }
        }

        if (isBound && kept["resources"]?["requests"] is JsonObject requests)
        {
            requests.Remove("storage");
        }

        return kept;
    }

    private static JsonNode? Storage(JsonNode? spec) => spec?["resources"]?["requests"]?["storage"];
}
