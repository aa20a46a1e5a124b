using System.Text.Json.Nodes;
using k8s.Models;
using Orchestrator.Actors.Api;

namespace Orchestrator.Actors.Workloads;

/// <summary>Volumes of the built-in provisioner: each is a folder of one node (Kubernetes, "Volumes", local). Pure.</summary>
public static class LocalVolumes
{
    /// <summary>Name of the provisioner.</summary>
    public const string Provisioner = "orchestrator.io/local";

    /// <summary>Annotation of a node: the folder in which its agent keeps such volumes. A node without it has none.</summary>
    public const string FolderAnnotation = "orchestrator.io/local-volumes";

    /// <summary>Finalizer of a volume: it stays until the agent of its node has deleted its folder.</summary>
    public const string Finalizer = "orchestrator.io/local-volume";

    /// <summary>Annotation of a volume: its folder was made. From then on a folder that is not there is a loss, and not one to make.</summary>
    public const string MadeAnnotation = "orchestrator.io/folder-made";

    /// <summary>Annotation of the namespace <c>kube-system</c> which says that the class of this provisioner was made, so that one that somebody deleted does not come back.</summary>
    public const string ClassMadeAnnotation = "orchestrator.io/default-storage-class";

    private const string HostLabel = "kubernetes.io/hostname";

    /// <summary>Name of the volume of a claim.</summary>
    public static string NameOf(string claimUid) => $"pvc-{claimUid}";

    /// <summary>Returns why no volume can be made for a claim, as the end of a sentence; null if one can.</summary>
    internal static string? Refusal(V1PersistentVolumeClaim claim) =>
        claim.Spec.VolumeMode == "Block" ? "its volumes are folders: ask for volumeMode Filesystem"
        : claim.Spec.Selector is not null ? "claim Selector is not supported"
        : (claim.Spec.DataSource ?? (object?)claim.Spec.DataSourceRef) is not null ? "its volumes begin empty: a dataSource is not supported"
        : (claim.Spec.AccessModes ?? []).FirstOrDefault(m => m is not ("ReadWriteOnce" or AccessModes.OnePod)) is { } mode
            ? $"its volumes are on one node: {mode} is not supported, ask for ReadWriteOnce or {AccessModes.OnePod}"
        : null;

    /// <summary>The volume of a claim on a node.</summary>
    /// <param name="claim">The claim.</param>
    /// <param name="of">Its class.</param>
    /// <param name="node">Name of the node.</param>
    /// <param name="folder">Folder of the node's volumes.</param>
    internal static V1PersistentVolume Create(V1PersistentVolumeClaim claim, V1StorageClass of, string node, string folder)
    {
        var name = NameOf(claim.Metadata.Uid);
        return new V1PersistentVolume
        {
            Metadata = new() { Name = name, Annotations = new Dictionary<string, string> { [VolumeAnnotations.ProvisionedBy] = Provisioner }, Finalizers = [Finalizer] },
            Spec = new()
            {
                AccessModes = [.. claim.Spec.AccessModes],
                Capacity = new Dictionary<string, ResourceQuantity> { ["storage"] = claim.Spec.Resources.Requests["storage"] },
                ClaimRef = new() { ApiVersion = "v1", Kind = "PersistentVolumeClaim", NamespaceProperty = claim.Metadata.NamespaceProperty, Name = claim.Metadata.Name, Uid = claim.Metadata.Uid },
                Local = new() { Path = $"{folder.TrimEnd('/')}/{name}" },
                NodeAffinity = new() { Required = new() { NodeSelectorTerms = [new() { MatchExpressions = [new() { Key = HostLabel, OperatorProperty = "In", Values = [node] }] }] } },
                PersistentVolumeReclaimPolicy = of.ReclaimPolicy ?? "Delete",
                StorageClassName = of.Metadata.Name,
                VolumeMode = "Filesystem",
            },
        };
    }

    /// <summary>The node of a volume of this provisioner; null if it is another's.</summary>
    public static string? NodeOf(JsonObject volume) => (string?)volume["metadata"]?["annotations"]?[VolumeAnnotations.ProvisionedBy] != Provisioner ? null
        : (string?)volume["spec"]?["nodeAffinity"]?["required"]?["nodeSelectorTerms"]?[0]?["matchExpressions"]?[0]?["values"]?[0];

    /// <summary>The node of a volume of this provisioner; null if it is another's.</summary>
    internal static string? NodeOf(V1PersistentVolume volume) =>
        volume.Metadata.Annotations is not { } all || !all.TryGetValue(VolumeAnnotations.ProvisionedBy, out var provisioner) || provisioner != Provisioner ? null
            : volume.Spec.NodeAffinity?.Required?.NodeSelectorTerms?.FirstOrDefault()?.MatchExpressions?.FirstOrDefault()?.Values?.FirstOrDefault();

    /// <summary>Whether the folder of a volume was made.</summary>
    public static bool IsMade(V1PersistentVolume volume) => volume.Metadata.Annotations?.ContainsKey(MadeAnnotation) == true;

    /// <summary>Whether the agent of its node is to delete the folder of a volume: it is being deleted, nobody can get it any more, and its reclaim policy says so.</summary>
    public static bool IsDoomed(KubeObject volume) => volume.IsDeleting && volume.Finalizers.Contains(Finalizer) && !volume.Finalizers.Contains(VolumeAnnotations.VolumeProtection)
        && volume.As<V1PersistentVolume>().Spec.PersistentVolumeReclaimPolicy == "Delete";
}
