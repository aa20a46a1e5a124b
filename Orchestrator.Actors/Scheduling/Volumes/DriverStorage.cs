using k8s.Models;
using Orchestrator.Actors.Feed;
using Orchestrator.Actors.Kinds.CSIDrivers;
using Orchestrator.Actors.Kinds.CSINodes;
using Orchestrator.Actors.Kinds.CSIStorageCapacities;
using Orchestrator.Actors.Kinds.StorageClasses;
using Orchestrator.Actors.Workloads;

namespace Orchestrator.Actors.Scheduling.Volumes;

/// <summary>Where a CSI driver can make a volume of a class (Kubernetes, "Storage Capacity").</summary>
/// <param name="view">The cluster.</param>
/// <param name="driver">The driver.</param>
/// <param name="capacities">How much storage there is, and where; null if the driver does not say.</param>
internal sealed class DriverStorage(IClusterView view, string driver, IReadOnlyList<V1CSIStorageCapacity>? capacities)
{
    /// <summary>Reads what is known of the driver of a class; null if its provisioner is none of CSI.</summary>
    public static DriverStorage? Of(V1StorageClass of, IClusterView view)
    {
        if (CSIDriverDefinition.Instance.NameRule(of.Provisioner) is not null || view.Find(CSIDriverDefinition.Instance.Key(null, of.Provisioner))?.As<V1CSIDriver>() is not { } driver)
        {
            return null;
        }

        return new DriverStorage(view, of.Provisioner, driver.Spec.StorageCapacity != true ? null
            : [.. view.Indexed(IndexKey.Reference(StorageClassDefinition.Instance.Key(null, of.Metadata.Name))).Where(o => o.Kind == CSIStorageCapacityDefinition.Instance).Select(o => o.As<V1CSIStorageCapacity>())]);
    }

    /// <summary>Whether the driver runs on a node. Kubernetes does not ask, and the pod would wait there for its volume.</summary>
    public bool IsOn(NodeSnapshot node) => view.Find(CSINodeDefinition.Instance.Key(null, node.Name))?.As<V1CSINode>().Spec.Drivers?.Any(d => d.Name == driver) == true;

    /// <summary>Whether there is enough storage for a claim where a node is.</summary>
    public bool IsEnough(V1PersistentVolumeClaim claim, NodeSnapshot node) => capacities is null
        || capacities.Any(c => c.NodeTopology is { } where && LabelSelectors.Matches(where, node.Labels) && (c.MaximumVolumeSize ?? c.Capacity)?.ToDecimal() >= VolumeMatch.Request(claim));
}
