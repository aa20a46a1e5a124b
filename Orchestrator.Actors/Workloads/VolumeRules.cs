using System.Text.Json.Nodes;
using Orchestrator.Actors.Api;
using Orchestrator.Actors.Validation;

namespace Orchestrator.Actors.Workloads;

/// <summary>Rules that PersistentVolumes and PersistentVolumeClaims share.</summary>
internal static class VolumeRules
{
    public static void Check(JsonObject? spec, FieldErrors errors)
    {
        if (spec?["accessModes"] is not JsonArray { Count: > 0 } modes)
        {
            errors.Required("spec.accessModes", "at least 1 access mode is required");
        }
        else
        {
            foreach (var mode in modes)
            {
                errors.OneOf("spec.accessModes", (string?)mode, AccessModes.All);
            }

            if (modes.Count > 1 && modes.Any(m => (string?)m == AccessModes.OnePod))
            {
                errors.Forbidden("spec.accessModes", "may not use ReadWriteOncePod with other access modes");
            }
        }

        errors.OneOf("spec.volumeMode", (string?)spec?["volumeMode"], "Block", "Filesystem");
    }

    /// <summary>Requires an amount of storage that is more than nothing.</summary>
    public static void Amount(string field, JsonNode? amount, FieldErrors errors)
    {
        if (amount is null)
        {
            errors.Required(field);
        }
        else if (Quantity.Read(amount) is { } read && read.Nanos <= 0)
        {
            errors.Invalid(field, amount, "must be greater than zero");
        }
    }

    /// <summary>Adds a finalizer that keeps a new object as long as it is used.</summary>
    public static void Protect(JsonObject o, string finalizer)
    {
        var meta = JsonFilling.Child(o, "metadata");
        if (meta["finalizers"] is not JsonArray finalizers)
        {
            meta["finalizers"] = finalizers = [];
        }

        if (!finalizers.Any(f => (string?)f == finalizer))
        {
            finalizers.Add(finalizer);
        }
    }
}
