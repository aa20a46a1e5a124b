using System.Text.Json.Nodes;
using Orchestrator.Actors.Resources;
using Orchestrator.Actors.Validation;
using Orchestrator.Actors.Workloads;
using static Orchestrator.Actors.Api.JsonFilling;

namespace Orchestrator.Actors.Kinds.PersistentVolumes;

/// <summary>Rules of PersistentVolumes (Kubernetes, "Persistent Volumes").</summary>
internal sealed class PersistentVolumeStrategy : ResourceStrategy
{
    // Everything else of the spec names where the volume is.
    private static readonly string[] General =
        ["accessModes", "capacity", "claimRef", "mountOptions", "nodeAffinity", "persistentVolumeReclaimPolicy", "storageClassName", "volumeAttributesClassName", "volumeMode"];

    public override void Default(JsonObject o)
    {
        if (o["spec"] is JsonObject spec)
        {
            Set(spec, "persistentVolumeReclaimPolicy", "Retain");
            Set(spec, "volumeMode", "Filesystem");
            if (spec["hostPath"] is JsonObject host)
            {
                host["type"] ??= "";
            }

            if (spec["claimRef"] is JsonObject claim)
            {
                Set(claim, "kind", "PersistentVolumeClaim");
                Set(claim, "apiVersion", "v1");
            }
        }
    }

    // Kubernetes' admission plugin StorageObjectInUseProtection.
    public override string? Admit(JsonObject o, IAdmissionView view)
    {
        VolumeRules.Protect(o, VolumeAnnotations.VolumeProtection);
        return null;
    }

    public override void Validate(JsonObject o, FieldErrors errors)
    {
        var spec = o["spec"] as JsonObject;
        VolumeRules.Amount("spec.capacity.storage", spec?["capacity"]?["storage"], errors);
        VolumeRules.Check(spec, errors);
        errors.OneOf("spec.persistentVolumeReclaimPolicy", (string?)spec?["persistentVolumeReclaimPolicy"], "Delete", "Recycle", "Retain");
        if ((string?)spec?["persistentVolumeReclaimPolicy"] == "Recycle")
        {
            errors.Invalid("spec.persistentVolumeReclaimPolicy", "Recycle", "volumes are not recycled here: use Retain and empty the volume yourself, or a StorageClass, which makes a new one for each claim");
        }

        Source(spec ?? [], errors);
        if (spec?["claimRef"] is JsonObject claim)
        {
            errors.Named("spec.claimRef.name", (string?)claim["name"], Names.Subdomain);
            errors.Named("spec.claimRef.namespace", (string?)claim["namespace"], Names.Label);
        }
    }

    public override void ValidateUpdate(JsonObject o, JsonObject old, FieldErrors errors)
    {
        var (before, after) = (old["spec"] as JsonObject ?? [], o["spec"] as JsonObject ?? []);
        if (!JsonNode.DeepEquals(Where(before), Where(after)))
        {
            errors.Forbidden("spec.persistentvolumesource", "spec.persistentvolumesource is immutable after creation");
        }

        errors.Immutable("spec.volumeMode", after["volumeMode"], before["volumeMode"]);
        if (before["nodeAffinity"] is { } affinity)
        {
            errors.Immutable("spec.nodeAffinity", after["nodeAffinity"], affinity);
        }
    }

    public override void PrepareForCreate(JsonObject o) => o["status"] = new JsonObject { ["phase"] = "Pending" };

    private static void Source(JsonObject spec, FieldErrors errors)
    {
        var sources = Where(spec).Select(p => p.Key).ToList();
        if (sources.Count == 0)
        {
            errors.Required("spec", "must specify a volume type");
        }

        foreach (var second in sources.Skip(1))
        {
            errors.Forbidden($"spec.{second}", "may not specify more than 1 volume type");
        }

        foreach (var (source, field) in ((string, string)[])[("hostPath", "path"), ("local", "path"), ("nfs", "path"), ("nfs", "server")])
        {
            if (spec[source] is JsonObject o)
            {
                if ((string?)o[field] is null or "")
                {
                    errors.Required($"spec.{source}.{field}");
                }
                else if (field == "path")
                {
                    errors.NoBacksteps($"spec.{source}.path", (string?)o[field]);
                }
            }
        }

        if (spec["nfs"] is JsonObject nfs && (string?)nfs["path"] is { Length: > 0 } path && path[0] != '/')
        {
            errors.Invalid("spec.nfs.path", path, "must be an absolute path");
        }

        if (spec["local"] is not null && spec["nodeAffinity"]?["required"] is null)
        {
            errors.Required("spec.nodeAffinity", "Local volume requires node affinity");
        }
    }

    private static JsonObject Where(JsonObject spec)
    {
        var source = (JsonObject)spec.DeepClone();
        foreach (var name in General)
        {
            source.Remove(name);
        }

        return source;
    }
}
