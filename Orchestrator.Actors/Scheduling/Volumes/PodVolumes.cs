using k8s.Models;
using Orchestrator.Actors.Api;
using Orchestrator.Actors.Feed;
using Orchestrator.Actors.Kinds.PersistentVolumeClaims;
using Orchestrator.Actors.Kinds.PersistentVolumes;
using Orchestrator.Actors.Kinds.Pods;
using Orchestrator.Actors.Kinds.StorageClasses;
using Orchestrator.Actors.Workloads;

namespace Orchestrator.Actors.Scheduling.Volumes;

/// <summary>What the claims of a pod demand of its node (Kubernetes' plugins VolumeBinding, VolumeZone, VolumeRestrictions and NodeVolumeLimits). Pure.</summary>
/// <param name="Refusal">Why no node can take the pod, worded as in Kubernetes; null if one may.</param>
/// <param name="Bound">The volumes of its claims.</param>
/// <param name="Waiting">Its claims that are bound once the pod has a node.</param>
/// <param name="Alone">Uids of its claims that one pod alone may use.</param>
internal sealed record PodVolumes(string? Refusal, IReadOnlyList<V1PersistentVolume> Bound, IReadOnlyList<WaitingClaim> Waiting, IReadOnlyList<string> Alone)
{
    /// <summary>Its volumes of CSI drivers, also those that are to be made.</summary>
    public IReadOnlyList<DriverVolume> OfDrivers { get; } =
    [
        .. Bound.Where(v => v.Spec.Csi is not null).Select(v => new DriverVolume(v.Spec.Csi.Driver, v.Spec.Csi.VolumeHandle)),
        .. Waiting.Where(w => w.Storage is not null).Select(w => new DriverVolume(w.Of.Provisioner, w.Object.Uid)),
    ];

    /// <summary>How many volumes nodes can have; null if it does not matter.</summary>
    public DriverLimits? Limits { get; init; }

    private const string InUse = "node has pod using PersistentVolumeClaim with the same name and ReadWriteOncePod access mode";

    /// <summary>Whether a pod has claims.</summary>
    public static bool Has(KubeObject pod)
    {
        foreach (var key in pod.References)
        {
            if (key.Resource == PersistentVolumeClaimDefinition.Instance.Resource)
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>Reads what the claims of a pod demand; null if it has none.</summary>
    public static PodVolumes? Of(KubeObject pod, IClusterView view)
    {
        if (!Has(pod))
        {
            return null;
        }

        var (bound, waiting, alone) = (new List<V1PersistentVolume>(), new List<WaitingClaim>(), new List<string>());
        var unbound = false;
        foreach (var volume in PodSpecs.Of(pod).Volumes ?? [])
        {
            if (PodClaims.NameOf(pod.Name, volume) is not { } name)
            {
                continue;
            }

            if (view.Find(PersistentVolumeClaimDefinition.Instance.Key(pod.Namespace, name)) is not { } item)
            {
                return Refused(volume.Ephemeral is null ? $"persistentvolumeclaim \"{name}\" not found" : $"waiting for ephemeral volume controller to create the persistentvolumeclaim \"{name}\"");
            }

            if (volume.Ephemeral is not null && item.Controller?.Uid != pod.Uid)
            {
                return Refused($"PVC {pod.Namespace}/{name} was not created for pod {pod.Namespace}/{pod.Name} (pod is not owner)");
            }

            if (item.IsDeleting)
            {
                return Refused($"persistentvolumeclaim \"{name}\" is being deleted");
            }

            var claim = item.As<V1PersistentVolumeClaim>();
            if (claim.Status?.Phase == "Lost")
            {
                return Refused($"persistentvolumeclaim \"{name}\" bound to non-existent persistentvolume \"{claim.Spec.VolumeName}\"");
            }

            if (claim.Spec.AccessModes?.Contains(AccessModes.OnePod) == true)
            {
                alone.Add(item.Uid);
                if (view.Indexed(IndexKey.Reference(item.Key)).Any(o => o.Uid != pod.Uid && o.Kind == PodDefinition.Instance && o is { NodeName: not null, Phase: not ("Succeeded" or "Failed") }))
                {
                    return Refused(InUse);
                }
            }

            if (claim.Status?.Phase == "Bound")
            {
                if (view.Find(PersistentVolumeDefinition.Instance.Key(null, claim.Spec.VolumeName)) is not { } found)
                {
                    return Refused($"persistentvolume \"{claim.Spec.VolumeName}\" not found");
                }

                bound.Add(found.As<V1PersistentVolume>());
            }
            else if (string.IsNullOrEmpty(claim.Spec.VolumeName) && Class(claim, view) is { VolumeBindingMode: "WaitForFirstConsumer" } of)
            {
                waiting.Add(new WaitingClaim(item, claim, of, Choices(item.Key, of, view)) { Storage = DriverStorage.Of(of, view) });
            }
            else
            {
                unbound = true;
            }
        }

        return unbound ? Refused("pod has unbound immediate PersistentVolumeClaims") : new PodVolumes(null, bound, waiting, alone) { Limits = new DriverLimits(view, pod.Uid) };
    }

    /// <summary>Returns what a pod demands when others have been placed that are not bound yet.</summary>
    /// <param name="taken">Uids of claims that those use alone.</param>
    public PodVolumes Beside(IReadOnlySet<string> taken) => Refusal is null && Alone.Any(taken.Contains) ? Refused(InUse) : this;

    /// <summary>Whether a node can reach the volumes that there are, and have those that there are not yet.</summary>
    public Verdict Ask(NodeSnapshot node)
    {
        foreach (var volume in Bound)
        {
            if (!VolumeMatch.IsReachable(volume, node.Name, node.Labels))
            {
                return Verdict.Unless(false, "node(s) had volume node affinity conflict");
            }
        }

        foreach (var claim in Waiting)
        {
            if (!claim.CanBeOn(node))
            {
                return Verdict.Unless(false, "node(s) didn't find available persistent volumes to bind");
            }

            if (!claim.HasStorage(node))
            {
                return Verdict.Unless(false, "node(s) did not have enough free storage");
            }
        }

        return OfDrivers.Count == 0 || Limits is null ? Verdict.Fits : Verdict.If(Limits.HasRoom(OfDrivers, node), "node(s) exceed max volume count");
    }

    private static PodVolumes Refused(string why) => new(why, [], [], []);

    private static V1StorageClass? Class(V1PersistentVolumeClaim claim, IClusterView view) =>
        VolumeMatch.ClassOf(claim) is { Length: > 0 } name ? view.Find(StorageClassDefinition.Instance.Key(null, name))?.As<V1StorageClass>() : null;

    private static List<V1PersistentVolume> Choices(ObjectKey claim, V1StorageClass of, IClusterView view) =>
        [.. view.Indexed(IndexKey.Reference(claim)).Concat(view.Indexed(IndexKey.Reference(StorageClassDefinition.Instance.Key(null, of.Metadata.Name))))
            .Where(o => o.Kind == PersistentVolumeDefinition.Instance).Select(o => o.As<V1PersistentVolume>())];
}

/// <summary>A claim that is bound once its first consumer has a node.</summary>
/// <param name="Object">The claim.</param>
/// <param name="Claim">The claim, typed.</param>
/// <param name="Of">Its class.</param>
/// <param name="Choices">The volumes that it may get.</param>
internal sealed record WaitingClaim(KubeObject Object, V1PersistentVolumeClaim Claim, V1StorageClass Of, IReadOnlyList<V1PersistentVolume> Choices)
{
    /// <summary>The node that was chosen before; null if none was.</summary>
    public string? SelectedNode => Claim.Metadata.Annotations is { } all && all.TryGetValue(VolumeAnnotations.SelectedNode, out var node) && node.Length > 0 ? node : null;

    /// <summary>What is known of the driver that makes it; null if there is none.</summary>
    public DriverStorage? Storage { get; init; }

    /// <summary>Whether a volume that is to be made finds room where a node is. One that was chosen already is not asked again: its volume may have taken the room.</summary>
    public bool HasStorage(NodeSnapshot node) => Storage is null || SelectedNode is not null || HasChoice(node) || Storage.IsEnough(Claim, node);

    private bool HasChoice(NodeSnapshot node) => Choices.Any(v => VolumeMatch.IsReservedFor(v, Claim) && VolumeMatch.IsReachable(v, node.Name, node.Labels))
        || VolumeMatch.Best(Claim, Choices, v => VolumeMatch.IsReachable(v, node.Name, node.Labels)) is not null;

    /// <summary>Whether a node can reach one of the volumes, or have one made.</summary>
    public bool CanBeOn(NodeSnapshot node) => SelectedNode is { } selected ? selected == node.Name
        : HasChoice(node)
        || Of.Provisioner switch
        {
            LocalVolumes.Provisioner => node.HasLocalVolumes && LocalVolumes.Refusal(Claim) is null,
            "kubernetes.io/no-provisioner" => false,
            _ when Storage?.IsOn(node) == false => false,
            _ => Of.AllowedTopologies is not { Count: > 0 } terms || terms.Any(t => (t.MatchLabelExpressions ?? []).All(e => node.Labels.TryGetValue(e.Key, out var value) && e.Values.Contains(value))),
        };
}
