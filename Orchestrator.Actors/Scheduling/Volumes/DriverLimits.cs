using k8s.Models;
using Orchestrator.Actors.Api;
using Orchestrator.Actors.Feed;
using Orchestrator.Actors.Kinds.CSINodes;
using Orchestrator.Actors.Kinds.PersistentVolumeClaims;
using Orchestrator.Actors.Kinds.PersistentVolumes;

namespace Orchestrator.Actors.Scheduling.Volumes;

/// <summary>A volume of a CSI driver that a pod needs.</summary>
/// <param name="Driver">Name of the driver.</param>
/// <param name="Handle">Its id of the volume; of one that is to be made, the uid of its claim.</param>
internal readonly record struct DriverVolume(string Driver, string Handle);

/// <summary>How many volumes of its drivers a node can have (Kubernetes, "Node-specific Volume Limits": CSINode, <c>allocatable.count</c>).</summary>
/// <param name="view">The cluster.</param>
/// <param name="podUid">Uid of the pod that asks; what is kept for it already does not count.</param>
internal sealed class DriverLimits(IClusterView view, string podUid)
{
    /// <summary>Whether a node can take volumes besides those that it has.</summary>
    public bool HasRoom(IReadOnlyList<DriverVolume> wanted, NodeSnapshot node)
    {
        if (view.Find(CSINodeDefinition.Instance.Key(null, node.Name))?.As<V1CSINode>().Spec.Drivers is not { } drivers)
        {
            return true;
        }

        HashSet<DriverVolume>? there = null;
        foreach (var driver in drivers)
        {
            if (driver.Allocatable?.Count is not { } count || !wanted.Any(w => w.Driver == driver.Name))
            {
                continue;
            }

            there ??= On(node);
            if (there.Concat(wanted).Distinct().Count(v => v.Driver == driver.Name) > count)
            {
                return false;
            }
        }

        return true;
    }

    // Those of its pods, and of the pods that are about to come.
    private HashSet<DriverVolume> On(NodeSnapshot node)
    {
        var bound = view.Indexed(IndexKey.Node(node.Name));
        var known = bound.Select(p => p.Uid).Append(podUid).ToHashSet();
        return
        [
            .. bound.Where(p => p.Phase is not ("Succeeded" or "Failed")).SelectMany(p => p.References).Where(r => r.Resource == PersistentVolumeClaimDefinition.Instance.Resource).Distinct()
                .Select(Of).OfType<DriverVolume>(),
            .. node.Pods.Values.Where(p => !known.Contains(p.Uid)).SelectMany(p => p.Volumes?.OfDrivers ?? []),
        ];
    }

    private DriverVolume? Of(ObjectKey claim) => view.Find(claim)?.As<V1PersistentVolumeClaim>().Spec.VolumeName is { Length: > 0 } name
        && view.Find(PersistentVolumeDefinition.Instance.Key(null, name))?.As<V1PersistentVolume>().Spec.Csi is { } source ? new(source.Driver, source.VolumeHandle) : null;
}
