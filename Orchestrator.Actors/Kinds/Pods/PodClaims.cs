using System.Text.Json.Nodes;
using k8s.Models;
using Orchestrator.Actors.Api;
using Orchestrator.Actors.Kinds.PersistentVolumeClaims;

namespace Orchestrator.Actors.Kinds.Pods;

/// <summary>The claims that the volumes of a pod name.</summary>
internal static class PodClaims
{
    /// <summary>Name of the claim of an ephemeral volume, which goes with its pod (Kubernetes, "Generic ephemeral volumes").</summary>
    public static string NameOf(string pod, string volume) => $"{pod}-{volume}";

    /// <summary>Name of the claim that a volume shows; null if it shows none.</summary>
    public static string? NameOf(string pod, V1Volume volume) =>
        volume.PersistentVolumeClaim is { } source ? source.ClaimName : volume.Ephemeral is not null ? NameOf(pod, volume.Name) : null;

    /// <summary>Keys of the claims of a pod.</summary>
    public static IEnumerable<ObjectKey> Of(JsonObject pod)
    {
        if (pod["spec"]?["volumes"] is not JsonArray volumes)
        {
            yield break;
        }

        var (ns, name) = ((string?)pod["metadata"]?["namespace"], (string?)pod["metadata"]?["name"] ?? "");
        foreach (var volume in volumes.OfType<JsonObject>())
        {
            if ((string?)volume["persistentVolumeClaim"]?["claimName"] is { Length: > 0 } claim)
            {
                yield return PersistentVolumeClaimDefinition.Instance.Key(ns, claim);
            }
            else if (volume["ephemeral"] is not null)
            {
                yield return PersistentVolumeClaimDefinition.Instance.Key(ns, NameOf(name, (string?)volume["name"] ?? ""));
            }
        }
    }
}
