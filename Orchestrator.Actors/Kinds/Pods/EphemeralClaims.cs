using System.Text.Json.Nodes;
using k8s.Models;
using Orchestrator.Actors.Api;
using Orchestrator.Actors.Entities;
using Orchestrator.Actors.Feed;
using Orchestrator.Actors.Kinds.PersistentVolumeClaims;
using Orchestrator.Actors.Resources;
using Orchestrator.Actors.Workloads;

namespace Orchestrator.Actors.Kinds.Pods;

/// <summary>Makes the claims of ephemeral volumes, which their pods own (Kubernetes, "Generic ephemeral volumes"). Pure.</summary>
internal static class EphemeralClaims
{
    /// <summary>Returns the pods that a change may concern: a new pod with claims, and those that need the name of a claim that is gone, whoever it belonged to.</summary>
    public static IEnumerable<ObjectKey> Concerned(ObjectChange change, IClusterView view) => (change.Object.Kind, change.Type) switch
    {
        (var kind, "ADDED") when kind == PodDefinition.Instance && HasClaims(change.Object) => [change.Object.Key],
        (var kind, "DELETED") when kind == PersistentVolumeClaimDefinition.Instance =>
            view.Indexed(IndexKey.Reference(change.Object.Key)).Where(o => o.Kind == PodDefinition.Instance).Select(o => o.Key),
        _ => [],
    };

    /// <summary>Whether a pod has claims.</summary>
    public static bool HasClaims(KubeObject pod) => pod.References.Any(r => r.Resource == PersistentVolumeClaimDefinition.Instance.Resource);

    /// <summary>Returns the commands that create what a pod lacks. A claim of another under the name of its own is left alone: the scheduler says so.</summary>
    public static IEnumerable<CreateObject> Missing(KubeObject pod, IAdmissionView view, UserInfo by)
    {
        if (pod.IsDeleting || pod.Phase is "Succeeded" or "Failed" || !HasClaims(pod))
        {
            yield break;
        }

        foreach (var volume in PodSpecs.Of(pod).Volumes ?? [])
        {
            if (volume.Ephemeral?.VolumeClaimTemplate is not { } template)
            {
                continue;
            }

            var key = PersistentVolumeClaimDefinition.Instance.Key(pod.Namespace, PodClaims.NameOf(pod.Name, volume.Name));
            if (view.Find(key) is null)
            {
                yield return new CreateObject(key, (JsonObject)Models.ToNode(Claim(pod, template)), by, pod.Revision);
            }
        }
    }

    private static V1PersistentVolumeClaim Claim(KubeObject pod, V1PersistentVolumeClaimTemplate template) => new()
    {
        Metadata = new()
        {
            Labels = template.Metadata?.Labels,
            Annotations = template.Metadata?.Annotations,
            OwnerReferences = [new V1OwnerReference { ApiVersion = "v1", Kind = "Pod", Name = pod.Name, Uid = pod.Uid, Controller = true, BlockOwnerDeletion = true }],
        },
        Spec = template.Spec,
    };
}
