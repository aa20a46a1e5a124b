using k8s.Models;
using Orchestrator.Actors.Workloads;
using Orchestrator.Node.Agent.Csi.Wire;

namespace Orchestrator.Node.Agent.Csi;

/// <summary>What a driver is told of a claim for which it is to make a volume, and the PersistentVolume that comes of it (Kubernetes, "Storage Classes"; CSI, CreateVolume). Pure.</summary>
internal static class CsiProvisioning
{
    // Parameters with this prefix are for the cluster and not for the driver.
    private const string Prefix = "csi.storage.k8s.io/";
    private const string DeletionSecret = "volume.kubernetes.io/provisioner-deletion-secret-";

    /// <summary>Why no volume can be made for a claim; null if one can.</summary>
    public static string? Refusal(V1PersistentVolumeClaim claim) => claim.Spec.VolumeMode == "Block" ? "nodes show no block devices: ask for volumeMode Filesystem"
        : (claim.Spec.DataSource ?? (object?)claim.Spec.DataSourceRef) is not null ? "a dataSource is not supported: snapshots and clones are not there yet"
        : claim.Spec.Selector is not null ? "claim Selector is not supported" : null;

    /// <summary>The parameters of a class that are for its driver.</summary>
    public static IEnumerable<KeyValuePair<string, string>> ForDriver(V1StorageClass of) => (of.Parameters ?? new Dictionary<string, string>()).Where(p => !p.Key.StartsWith(Prefix, StringComparison.Ordinal));

    /// <summary>Name of the volume of a claim.</summary>
    public static string NameOf(V1PersistentVolumeClaim claim) => $"pvc-{claim.Metadata.Uid}";

    /// <summary>The request for a volume.</summary>
    /// <param name="claim">The claim.</param>
    /// <param name="of">Its class.</param>
    /// <param name="driver">The driver.</param>
    /// <param name="topology">Where it is wanted; null for anywhere.</param>
    public static CreateVolumeRequest Request(V1PersistentVolumeClaim claim, V1StorageClass of, CsiDriver driver, IReadOnlyDictionary<string, string>? topology)
    {
        var request = new CreateVolumeRequest { Name = NameOf(claim), CapacityRange = new() { RequiredBytes = (long)decimal.Ceiling(VolumeMatch.Request(claim)) } };
        request.VolumeCapabilities.AddRange((claim.Spec.AccessModes ?? []).Select(m => Shown(FsType(of), of.MountOptions, m, driver)));
        foreach (var (key, value) in ForDriver(of))
        {
            request.Parameters[key] = value;
        }

        if (driver.HasTopology && topology is { Count: > 0 })
        {
            var place = new Topology();
            foreach (var (key, value) in topology)
            {
                place.Segments[key] = value;
            }

            request.AccessibilityRequirements = new TopologyRequirement { Requisite = { place }, Preferred = { place } };
        }

        return request;
    }

    /// <summary>The PersistentVolume of a volume that a driver has made.</summary>
    /// <param name="claim">The claim.</param>
    /// <param name="of">Its class.</param>
    /// <param name="driver">Name of the driver.</param>
    /// <param name="made">What the driver says of the volume.</param>
    /// <param name="node">The node whose agent asked.</param>
    public static V1PersistentVolume Volume(V1PersistentVolumeClaim claim, V1StorageClass of, string driver, Volume made, string node)
    {
        var request = claim.Spec.Resources.Requests["storage"];
        var annotations = new Dictionary<string, string> { [VolumeAnnotations.ProvisionedBy] = driver, [CsiAnnotations.Maker] = node };
        if (Secret(claim, of, "provisioner") is { } deletion)
        {
            (annotations[$"{DeletionSecret}name"], annotations[$"{DeletionSecret}namespace"]) = (deletion.Name, deletion.NamespaceProperty);
        }

        return new V1PersistentVolume
        {
            Metadata = new() { Name = NameOf(claim), Annotations = annotations, Finalizers = [CsiAnnotations.VolumeFinalizer] },
            Spec = new()
            {
                AccessModes = [.. claim.Spec.AccessModes],
                Capacity = new Dictionary<string, ResourceQuantity> { ["storage"] = made.CapacityBytes > 0 && made.CapacityBytes != request.ToDecimal() ? new ResourceQuantity(made.CapacityBytes.ToString(System.Globalization.CultureInfo.InvariantCulture)) : request },
                ClaimRef = new() { ApiVersion = "v1", Kind = "PersistentVolumeClaim", NamespaceProperty = claim.Metadata.NamespaceProperty, Name = claim.Metadata.Name, Uid = claim.Metadata.Uid },
                Csi = new()
                {
                    Driver = driver,
                    VolumeHandle = made.VolumeId,
                    FsType = FsType(of),
                    VolumeAttributes = made.VolumeContext.Count == 0 ? null : new Dictionary<string, string>(made.VolumeContext),
                    NodeStageSecretRef = Secret(claim, of, "node-stage"),
                    NodePublishSecretRef = Secret(claim, of, "node-publish"),
                    NodeExpandSecretRef = Secret(claim, of, "node-expand"),
                    ControllerPublishSecretRef = Secret(claim, of, "controller-publish"),
                    ControllerExpandSecretRef = Secret(claim, of, "controller-expand"),
                },
                MountOptions = of.MountOptions,
                NodeAffinity = Affinity(made),
                PersistentVolumeReclaimPolicy = of.ReclaimPolicy ?? "Delete",
                StorageClassName = of.Metadata.Name,
                VolumeMode = "Filesystem",
            },
        };
    }

    /// <summary>How a volume is to be shown, with one access mode.</summary>
    public static VolumeCapability Shown(string? fsType, IList<string>? options, string? mode, CsiDriver driver)
    {
        var mount = new VolumeCapability.Types.MountVolume { FsType = fsType ?? "" };
        mount.MountFlags.AddRange(options ?? []);
        var knowsWriters = driver.Controller?.Contains(ControllerServiceCapability.Types.RPC.Types.Type.SingleNodeMultiWriter) == true;
        return new VolumeCapability { Mount = mount, AccessMode = new() { Mode = CsiMount.ModeOf(mode, knowsWriters) } };
    }

    /// <summary>The secret of a call that the parameters of a class name, such as <c>csi.storage.k8s.io/provisioner-secret-name</c>; null if they name none.</summary>
    public static V1SecretReference? Secret(V1PersistentVolumeClaim claim, V1StorageClass of, string call)
    {
        if (of.Parameters is not { } all || !all.TryGetValue($"{Prefix}{call}-secret-name", out var name) || !all.TryGetValue($"{Prefix}{call}-secret-namespace", out var space))
        {
            return null;
        }

        string Filled(string text) => text.Replace("${pv.name}", NameOf(claim), StringComparison.Ordinal).Replace("${pvc.name}", claim.Metadata.Name, StringComparison.Ordinal).Replace("${pvc.namespace}", claim.Metadata.NamespaceProperty, StringComparison.Ordinal);
        return new V1SecretReference { Name = Filled(name), NamespaceProperty = Filled(space) };
    }

    /// <summary>The secret for the deletion of a volume; null if there is none.</summary>
    public static V1SecretReference? DeletionSecretOf(V1PersistentVolume volume) => volume.Metadata.Annotations is { } all && all.TryGetValue($"{DeletionSecret}name", out var name) && all.TryGetValue($"{DeletionSecret}namespace", out var space)
        ? new V1SecretReference { Name = name, NamespaceProperty = space } : null;

    private static string? FsType(V1StorageClass of) => of.Parameters is { } all && all.TryGetValue($"{Prefix}fstype", out var type) ? type : "ext4";

    private static V1VolumeNodeAffinity? Affinity(Volume made) => made.AccessibleTopology.Count == 0 ? null : new()
    {
        Required = new()
        {
            NodeSelectorTerms = [.. made.AccessibleTopology.Select(t => new V1NodeSelectorTerm { MatchExpressions = [.. t.Segments.OrderBy(s => s.Key, StringComparer.Ordinal).Select(s => new V1NodeSelectorRequirement { Key = s.Key, OperatorProperty = "In", Values = [s.Value] })] })],
        },
    };
}
