using System.Text.Json.Nodes;
using Orchestrator.Actors.Api;
using Orchestrator.Actors.Workloads;
using k8s.Models;

namespace Orchestrator.Actors.Kinds.PersistentVolumeClaims;

/// <summary>What the steps of a claim write. Pure.</summary>
internal static class ClaimPatches
{
    /// <summary>To the volume: it is reserved for the claim.</summary>
    public static JsonObject Reserve(V1PersistentVolume volume, KubeObject claim)
    {
        var patch = new JsonObject
        {
            ["spec"] = new JsonObject
            {
                ["claimRef"] = new JsonObject
                {
                    ["apiVersion"] = "v1",
                    ["kind"] = "PersistentVolumeClaim",
                    ["namespace"] = claim.Namespace,
                    ["name"] = claim.Name,
                    ["uid"] = claim.Uid,
                    ["resourceVersion"] = KubeRevision(claim),
                },
            },
        };
        if (volume.Spec.ClaimRef is null)
        {
            patch["metadata"] = Annotations((VolumeAnnotations.BoundByController, "yes"));
        }

        return patch;
    }

    /// <summary>To the claim: it is bound to the volume.</summary>
    public static JsonObject Bind(V1PersistentVolume volume, V1PersistentVolumeClaim claim)
    {
        // What a driver keeps has the size that the claim says once the node has grown its file system.
        var capacity = volume.Spec.Csi is not null && claim.Status is { Phase: "Bound", Capacity.Count: > 0 } ? claim.Status.Capacity : volume.Spec.Capacity;
        var chosen = string.IsNullOrEmpty(claim.Spec.VolumeName) ? ((string, string)[])[(VolumeAnnotations.BoundByController, "yes")] : [];
        return new JsonObject
        {
            ["metadata"] = Annotations([(VolumeAnnotations.BindCompleted, "yes"), .. chosen]),
            ["spec"] = new JsonObject { ["volumeName"] = volume.Metadata.Name },
            ["status"] = new JsonObject
            {
                ["phase"] = "Bound",
                ["accessModes"] = new JsonArray([.. (volume.Spec.AccessModes ?? []).Select(m => (JsonNode)m)]),
                ["capacity"] = capacity is { } amounts ? new JsonObject(amounts.Select(c => KeyValuePair.Create(c.Key, (JsonNode?)JsonValue.Create(c.Value.ToString())))) : null,
            },
        };
    }

    /// <summary>To the claim: its volume is lost.</summary>
    public static JsonObject Lose() => new() { ["status"] = new JsonObject { ["phase"] = "Lost", ["accessModes"] = null, ["capacity"] = null } };

    /// <summary>To the claim: who is to make its volume.</summary>
    public static JsonObject Ask(string provisioner) => new() { ["metadata"] = Annotations((VolumeAnnotations.Provisioner, provisioner), ($"volume.beta.{VolumeAnnotations.Provisioner[7..]}", provisioner)) };

    /// <summary>To the volume: its new size.</summary>
    public static JsonObject Expand(ResourceQuantity size) => new() { ["spec"] = new JsonObject { ["capacity"] = new JsonObject { ["storage"] = size.ToString() } } };

    /// <summary>To the claim: no node is chosen.</summary>
    public static JsonObject Deselect() => new() { ["metadata"] = new JsonObject { ["annotations"] = new JsonObject { [VolumeAnnotations.SelectedNode] = null } } };

    private static JsonObject Annotations(params ReadOnlySpan<(string Name, string Value)> annotations)
    {
        var all = new JsonObject();
        foreach (var (name, value) in annotations)
        {
            all[name] = value;
        }

        return new JsonObject { ["annotations"] = all };
    }

    private static string KubeRevision(KubeObject claim) => claim.Revision.ToString(System.Globalization.CultureInfo.InvariantCulture);
}
