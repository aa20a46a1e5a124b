using System.Collections.Immutable;
using k8s.Models;
using Orchestrator.Node.Agent.Csi.Wire;
using NodeAbility = Orchestrator.Node.Agent.Csi.Wire.NodeServiceCapability.Types.RPC.Types.Type;
using Mode = Orchestrator.Node.Agent.Csi.Wire.VolumeCapability.Types.AccessMode.Types.Mode;

namespace Orchestrator.Node.Agent.Csi;

/// <summary>A volume that a driver is to mount for a pod, with all that the driver is told of it.</summary>
/// <param name="PodUid">Uid of the pod.</param>
/// <param name="Volume">Name of the volume in the pod.</param>
/// <param name="Name">Name of the PersistentVolume, or of the pod's own volume.</param>
/// <param name="Driver">Name of the driver.</param>
/// <param name="Handle">Its id of the volume.</param>
internal sealed record CsiMount(string PodUid, string Volume, string Name, string Driver, string Handle)
{
    /// <summary>Whether it is made with the pod, and never staged.</summary>
    public bool IsEphemeral { get; init; }

    /// <summary>Whether the pod may only read it.</summary>
    public bool IsReadOnly { get; init; }

    /// <summary>The file system; empty for that of the driver.</summary>
    public string FsType { get; init; } = "";

    /// <summary>Options of its mount.</summary>
    public ImmutableArray<string> Options { get; init; } = [];

    /// <summary>The first access mode of the volume; null if none is said.</summary>
    public string? AccessMode { get; init; }

    /// <summary>What the driver said of the volume when it was made.</summary>
    public ImmutableDictionary<string, string> Context { get; init; } = ImmutableDictionary<string, string>.Empty;

    /// <summary>What the driver is told of the pod besides.</summary>
    public ImmutableDictionary<string, string> PodContext { get; init; } = ImmutableDictionary<string, string>.Empty;

    /// <summary>What the driver said when the volume was attached.</summary>
    public ImmutableDictionary<string, string> PublishContext { get; init; } = ImmutableDictionary<string, string>.Empty;

    /// <summary>Secrets for staging.</summary>
    public ImmutableDictionary<string, string> StageSecrets { get; init; } = ImmutableDictionary<string, string>.Empty;

    /// <summary>Secrets for growing its file system.</summary>
    public ImmutableDictionary<string, string> ExpandSecrets { get; init; } = ImmutableDictionary<string, string>.Empty;

    /// <summary>Secrets for publishing.</summary>
    public ImmutableDictionary<string, string> PublishSecrets { get; init; } = ImmutableDictionary<string, string>.Empty;

    /// <summary>The group of the pod's volumes; null if the volume stays as it is.</summary>
    public long? Group { get; init; }

    /// <summary>Whether the group is set only if the volume's root does not have it.</summary>
    public bool IsGroupOnMismatch { get; init; }

    /// <summary>How the driver is asked to show it.</summary>
    public VolumeCapability Capability(CsiDriver driver)
    {
        var mount = new VolumeCapability.Types.MountVolume { FsType = FsType };
        mount.MountFlags.AddRange(Options);
        if (Group is { } group && driver.Node.Contains(NodeAbility.VolumeMountGroup))
        {
            mount.VolumeMountGroup = group.ToString(System.Globalization.CultureInfo.InvariantCulture);
        }

        return new VolumeCapability { Mount = mount, AccessMode = new() { Mode = ModeOf(AccessMode, driver.Node.Contains(NodeAbility.SingleNodeMultiWriter)) } };
    }

    /// <summary>The access mode in the words of CSI (CSI, "Access Modes").</summary>
    /// <param name="mode">That of Kubernetes.</param>
    /// <param name="knowsWriters">Whether the driver tells one writer on a node from several.</param>
    internal static Mode ModeOf(string? mode, bool knowsWriters) => mode switch
    {
        "ReadOnlyMany" => Mode.MultiNodeReaderOnly,
        "ReadWriteMany" => Mode.MultiNodeMultiWriter,
        "ReadWriteOncePod" when knowsWriters => Mode.SingleNodeSingleWriter,
        _ => knowsWriters ? Mode.SingleNodeMultiWriter : Mode.SingleNodeWriter,
    };

    /// <summary>Whether the group of the pod's volumes gets the volume (Kubernetes, CSIDriver, fsGroupPolicy).</summary>
    /// <param name="policy">The policy of the driver; null for the default.</param>
    /// <param name="fsType">The file system as the volume says it.</param>
    /// <param name="modes">Access modes of the volume.</param>
    internal static bool TakesGroup(string? policy, string? fsType, IList<string>? modes) => policy switch
    {
        "None" => false,
        "File" => true,
        _ => !string.IsNullOrEmpty(fsType) && modes?.Contains("ReadWriteOnce") == true,
    };

    /// <summary>What a driver that asks for it is told of a pod (Kubernetes, CSIDriver, podInfoOnMount).</summary>
    internal static ImmutableDictionary<string, string> About(V1ObjectMeta pod, string? account, bool isEphemeral) => ImmutableDictionary<string, string>.Empty
        .Add("csi.storage.k8s.io/pod.name", pod.Name).Add("csi.storage.k8s.io/pod.namespace", pod.NamespaceProperty).Add("csi.storage.k8s.io/pod.uid", pod.Uid)
        .Add("csi.storage.k8s.io/serviceAccount.name", account ?? "").Add("csi.storage.k8s.io/ephemeral", isEphemeral ? "true" : "false");
}
