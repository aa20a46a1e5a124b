namespace Orchestrator.Actors.Workloads;

/// <summary>Names by which the control plane and agents tell each other of volumes of CSI drivers, besides those of Kubernetes.</summary>
public static class CsiAnnotations
{
    /// <summary>On a CSIDriver: <see cref="BuiltIn"/> if agents call the driver's controller service themselves, so that no sidecars are needed beside the driver.</summary>
    public const string Sidecars = "orchestrator.io/sidecars";

    /// <summary>The value of <see cref="Sidecars"/>.</summary>
    public const string BuiltIn = "built-in";

    /// <summary>On a CSINode: the drivers whose controller service runs there, separated by commas.</summary>
    public const string Controllers = "orchestrator.io/csi-controllers";

    /// <summary>On a PersistentVolume: the node whose agent had the driver make it.</summary>
    public const string Maker = "orchestrator.io/csi-node";

    /// <summary>On a VolumeAttachment: the node has the volume mounted, or may have. Written by the node's agent before it mounts.</summary>
    public const string Mounted = "orchestrator.io/volume-mounted";

    /// <summary>On a VolumeAttachment: since when no pod of the node needs it, though it is mounted.</summary>
    public const string UnusedSince = "orchestrator.io/volume-unused-since";

    /// <summary>On a VolumeAttachment: the driver's id of the node, known also when the node is gone. The external attacher has it, too.</summary>
    public const string NodeId = "csi.alpha.kubernetes.io/node-id";

    /// <summary>On a VolumeAttachment: the driver's id of the volume, known also when the PersistentVolume is gone.</summary>
    public const string Handle = "orchestrator.io/volume-handle";

    /// <summary>On a VolumeAttachment: namespace and name of the Secret with which the volume is attached and detached.</summary>
    public const string Secret = "orchestrator.io/attach-secret";

    /// <summary>Finalizer of a PersistentVolume that an agent had made: it stays until the driver has deleted the volume.</summary>
    public const string VolumeFinalizer = "orchestrator.io/csi-volume";

    /// <summary>Finalizer of a VolumeAttachment that an agent attaches: it stays until the driver has detached the volume.</summary>
    public const string AttachFinalizer = "orchestrator.io/csi-attachment";
}
