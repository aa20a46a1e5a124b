using Orchestrator.Actors.Api;
using Orchestrator.Actors.Feed;
using Orchestrator.Actors.Kinds.CSINodes;
using Orchestrator.Actors.Kinds.Nodes;
using Orchestrator.Actors.Kinds.PersistentVolumeClaims;
using Orchestrator.Actors.Kinds.PersistentVolumes;
using Orchestrator.Actors.Kinds.StorageClasses;
using Orchestrator.Actors.Kinds.VolumeAttachments;
using Orchestrator.Actors.Workloads;
using k8s.Models;

namespace Orchestrator.Actors.Kinds.CSIDrivers;

/// <summary>Says which agent is to call the controller service of a driver for an object. Only drivers whose CSIDriver asks for built-in sidecars are called by agents; the sidecars of
/// others find their work in the API. Pure.</summary>
internal static class CsiWork
{
    /// <summary>All objects for which a node's agent is to call drivers.</summary>
    public static IEnumerable<KubeObject> Of(string node, IClusterView view)
    {
        var named = Drivers(node, view).Where(d => IsBuiltIn(d, view)).SelectMany(d => view.Indexed(IndexKey.Reference(CSIDriverDefinition.Instance.Key(null, d)))).ToList();
        return named.SelectMany(o => About(o, view)).DistinctBy(o => o.Uid).Where(o => NodeOf(o, view) == node).Concat(named.Where(o => o.Kind == StorageClassDefinition.Instance && SaysCapacity(o, view)));
    }

    /// <summary>The node whose agent is to call a driver for an object; null if nobody is to.</summary>
    public static string? NodeOf(KubeObject item, IClusterView view) =>
        item.Kind == PersistentVolumeClaimDefinition.Instance ? item.IsDeleting ? null : Claim(item.As<V1PersistentVolumeClaim>(), view)
        : item.Kind == PersistentVolumeDefinition.Instance ? Volume(item, view)
        : item.Kind == VolumeAttachmentDefinition.Instance ? Attachment(item, view)
        : null;

    /// <summary>The drivers whose controller service runs on a node.</summary>
    internal static IReadOnlyList<string> Drivers(KubeObject csiNode) =>
        csiNode.As<V1CSINode>().Metadata.Annotations is { } all && all.TryGetValue(CsiAnnotations.Controllers, out var names) ? names.Split(',', StringSplitOptions.RemoveEmptyEntries) : [];

    private static IReadOnlyList<string> Drivers(string node, IClusterView view) => view.Find(CSINodeDefinition.Instance.Key(null, node)) is { } found ? Drivers(found) : [];

    private static bool IsBuiltIn(string driver, IClusterView view) => CSIDriverDefinition.Instance.NameRule(driver) is null
        && view.Find(CSIDriverDefinition.Instance.Key(null, driver))?.As<V1CSIDriver>().Metadata.Annotations is { } all && all.TryGetValue(CsiAnnotations.Sidecars, out var how) && how == CsiAnnotations.BuiltIn;

    // Each node with the driver says how much storage there is for a class where it is.
    private static bool SaysCapacity(KubeObject of, IClusterView view) => view.Find(CSIDriverDefinition.Instance.Key(null, of.As<V1StorageClass>().Provisioner))?.As<V1CSIDriver>().Spec.StorageCapacity == true;

    // What names a driver, and what that leads to.
    private static IEnumerable<KubeObject> About(KubeObject named, IClusterView view)
    {
        if (named.Kind == StorageClassDefinition.Instance)
        {
            return view.Indexed(IndexKey.Reference(named.Key)).Where(o => o.Kind == PersistentVolumeClaimDefinition.Instance);
        }

        return named.Kind == PersistentVolumeDefinition.Instance && named.As<V1PersistentVolume>().Spec.ClaimRef is { Name: { Length: > 0 } name } reserved
            && view.Find(PersistentVolumeClaimDefinition.Instance.Key(reserved.NamespaceProperty, name)) is { } claim ? [named, claim] : [named];
    }

    private static string? Claim(V1PersistentVolumeClaim claim, IClusterView view)
    {
        if (claim.Spec.VolumeName is { Length: > 0 } bound)
        {
            // It asks for more than it has.
            return view.Find(PersistentVolumeDefinition.Instance.Key(null, bound))?.As<V1PersistentVolume>() is { Spec.Csi: { } source } volume && VolumeMatch.IsReservedFor(volume, claim)
                && VolumeMatch.Capacity(volume) < VolumeMatch.Request(claim) && claim.Status?.Phase == "Bound" && IsBuiltIn(source.Driver, view) ? Keeper(source.Driver, volume, view) : null;
        }

        if (VolumeMatch.ClassOf(claim) is not { Length: > 0 } name || view.Find(StorageClassDefinition.Instance.Key(null, name))?.As<V1StorageClass>() is not { } of || !IsBuiltIn(of.Provisioner, view))
        {
            return null;
        }

        // The annotations say that no volume is there for it, and where one is to be.
        var annotations = claim.Metadata.Annotations ?? new Dictionary<string, string>();
        var selected = annotations.TryGetValue(VolumeAnnotations.SelectedNode, out var node) && node.Length > 0 ? node : null;
        return !annotations.TryGetValue(VolumeAnnotations.Provisioner, out var asked) || asked != of.Provisioner || (of.VolumeBindingMode == "WaitForFirstConsumer" && selected is null) ? null
            : selected is not null && Drivers(selected, view).Contains(of.Provisioner) ? selected
            : Any(of.Provisioner, view);
    }

    private static string? Volume(KubeObject item, IClusterView view)
    {
        var volume = item.As<V1PersistentVolume>();
        var isDone = item.IsDeleting ? !item.Finalizers.Contains(VolumeAnnotations.VolumeProtection) : volume is { Status.Phase: "Released", Spec.PersistentVolumeReclaimPolicy: "Delete" };
        return !isDone || !item.Finalizers.Contains(CsiAnnotations.VolumeFinalizer) || volume.Spec.Csi is not { } source || !IsBuiltIn(source.Driver, view)
            || view.Indexed(IndexKey.Reference(item.Key)).Any(o => o.Kind == VolumeAttachmentDefinition.Instance) ? null : Keeper(source.Driver, volume, view);
    }

    private static string? Attachment(KubeObject item, IClusterView view)
    {
        var attachment = item.As<V1VolumeAttachment>();
        var isDue = item.IsDeleting ? item.Finalizers.Contains(CsiAnnotations.AttachFinalizer) : attachment.Status?.Attached != true;
        return !isDue || !IsBuiltIn(attachment.Spec.Attacher, view) ? null
            : attachment.Spec.Source?.PersistentVolumeName is { Length: > 0 } name && view.Find(PersistentVolumeDefinition.Instance.Key(null, name))?.As<V1PersistentVolume>() is { } volume
                ? Keeper(attachment.Spec.Attacher, volume, view) : Any(attachment.Spec.Attacher, view);
    }

    // Who made a volume takes care of it, because what is on a node is known to the driver of that node alone. When the node is gone for good, so is that.
    private static string? Keeper(string driver, V1PersistentVolume volume, IClusterView view) =>
        volume.Metadata.Annotations is { } all && all.TryGetValue(CsiAnnotations.Maker, out var maker) && view.Find(NodeDefinition.Instance.Key(null, maker)) is not null ? maker : Any(driver, view);

    private static string? Any(string driver, IClusterView view) => view.Indexed(IndexKey.Reference(CSIDriverDefinition.Instance.Key(null, driver)))
        .Where(o => o.Kind == CSINodeDefinition.Instance).Select(o => o.Name).Where(n => IsReady(n, view)).Min(StringComparer.Ordinal);

    private static bool IsReady(string node, IClusterView view) =>
        view.Find(NodeDefinition.Instance.Key(null, node))?.As<V1Node>().Status?.Conditions?.Any(c => c is { Type: "Ready", Status: "True" }) == true;
}
