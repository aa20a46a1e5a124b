using k8s.Models;

namespace Orchestrator.Actors.Workloads;

/// <summary>Decides which volume is for which claim (Kubernetes, "Persistent Volumes", binding). Pure.</summary>
internal static class VolumeMatch
{
    /// <summary>The class of a claim; empty if it has none and takes only volumes without a class.</summary>
    public static string ClassOf(V1PersistentVolumeClaim claim) => Former(claim.Metadata) ?? claim.Spec?.StorageClassName ?? "";

    /// <summary>The class of a volume; empty for none.</summary>
    public static string ClassOf(V1PersistentVolume volume) => Former(volume.Metadata) ?? volume.Spec?.StorageClassName ?? "";

    /// <summary>Whether a claim neither names a class nor says that it wants none, so that it gets the default one.</summary>
    public static bool WantsDefaultClass(V1PersistentVolumeClaim claim) => Former(claim.Metadata) is null && claim.Spec?.StorageClassName is null;

    /// <summary>Whether a volume is reserved for exactly this claim.</summary>
    public static bool IsReservedFor(V1PersistentVolume volume, V1PersistentVolumeClaim claim) => Names(volume, claim) && volume.Spec.ClaimRef.Uid == claim.Metadata.Uid;

    /// <summary>Whether the user reserved a volume for whatever claim has this name.</summary>
    public static bool IsMeantFor(V1PersistentVolume volume, V1PersistentVolumeClaim claim) => Names(volume, claim) && string.IsNullOrEmpty(volume.Spec.ClaimRef.Uid);

    /// <summary>Returns why a volume that was asked for by name cannot serve a claim, worded as in Kubernetes; null if it can.</summary>
    public static string? Mismatch(V1PersistentVolume volume, V1PersistentVolumeClaim claim) =>
        Capacity(volume) < Request(claim) ? "requested PV is too small"
        : ClassOf(volume) != ClassOf(claim) ? "storageClassName does not match"
        : Mode(volume.Spec.VolumeMode) != Mode(claim.Spec.VolumeMode) ? "incompatible volumeMode"
        : !HasModes(volume, claim) ? "incompatible accessMode"
        : null;

    /// <summary>Returns the volume to reserve for a claim: one that the user meant for it; else of those that nobody has, the smallest that fits, with as few access modes as
    /// possible. Null if there is none.</summary>
    /// <param name="claim">The claim.</param>
    /// <param name="volumes">Volumes to choose from.</param>
    /// <param name="isReachable">Whether pods of the claim can use a volume where they run.</param>
    public static V1PersistentVolume? Best(V1PersistentVolumeClaim claim, IReadOnlyCollection<V1PersistentVolume> volumes, Func<V1PersistentVolume, bool> isReachable)
    {
        var fitting = volumes.Where(v => v.Metadata.DeletionTimestamp is null && Mode(v.Spec.VolumeMode) == Mode(claim.Spec.VolumeMode) && Capacity(v) >= Request(claim)).ToList();
        return First(fitting.Where(v => IsMeantFor(v, claim))) ?? First(fitting.Where(v => v.Spec.ClaimRef is null && v.Status?.Phase == "Available"
            && Mismatch(v, claim) is null && (claim.Spec.Selector is null || LabelSelectors.Matches(claim.Spec.Selector, v.Metadata.Labels)) && isReachable(v)));
    }

    /// <summary>Whether a node is among those that can reach a volume. A volume that says nothing of nodes is reachable from all.</summary>
    /// <param name="volume">The volume.</param>
    /// <param name="node">Name of the node.</param>
    /// <param name="labels">Labels of the node.</param>
    public static bool IsReachable(V1PersistentVolume volume, string node, IReadOnlyDictionary<string, string> labels) =>
        volume.Spec.NodeAffinity?.Required?.NodeSelectorTerms is not { } terms || terms.Any(t => NodeRequirements.Matches(t, node, labels));

    /// <summary>What a claim asks for, in bytes.</summary>
    public static decimal Request(V1PersistentVolumeClaim claim) => Storage(claim.Spec.Resources?.Requests);

    /// <summary>What a volume holds, in bytes.</summary>
    public static decimal Capacity(V1PersistentVolume volume) => Storage(volume.Spec.Capacity);

    private static V1PersistentVolume? First(IEnumerable<V1PersistentVolume> volumes) =>
        volumes.OrderBy(v => v.Spec.AccessModes?.Count).ThenBy(Capacity).ThenBy(v => v.Metadata.Name, StringComparer.Ordinal).FirstOrDefault();

    private static bool Names(V1PersistentVolume volume, V1PersistentVolumeClaim claim) =>
        volume.Spec.ClaimRef is { } claimRef && claimRef.NamespaceProperty == claim.Metadata.NamespaceProperty && claimRef.Name == claim.Metadata.Name;

    private static bool HasModes(V1PersistentVolume volume, V1PersistentVolumeClaim claim) => (claim.Spec.AccessModes ?? []).All(m => volume.Spec.AccessModes?.Contains(m) == true);

    private static string Mode(string? mode) => mode ?? "Filesystem";

    private static decimal Storage(IDictionary<string, ResourceQuantity>? amounts) => amounts is not null && amounts.TryGetValue("storage", out var storage) ? storage.ToDecimal() : 0;

    private static string? Former(V1ObjectMeta meta) => meta.Annotations is not null && meta.Annotations.TryGetValue(VolumeAnnotations.FormerClass, out var name) ? name : null;
}
