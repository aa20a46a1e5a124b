using System.Text.Json.Nodes;
using Orchestrator.Actors.Validation;

namespace Orchestrator.Actors.Workloads;

/// <summary>Validation that PersistentVolumes and PersistentVolumeClaims share.</summary>
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
        }

        errors.OneOf("spec.volumeMode", (string?)spec?["volumeMode"], "Block", "Filesystem");
    }
}
