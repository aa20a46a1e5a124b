namespace Orchestrator.Actors.Workloads;

/// <summary>Names by which the parts of a cluster tell each other of claims and volumes (Kubernetes, "Well-Known Labels, Annotations and Taints").</summary>
internal static class VolumeAnnotations
{
    /// <summary>On a claim that was bound once, so that a lost volume is not replaced by another.</summary>
    public const string BindCompleted = "pv.kubernetes.io/bind-completed";

    /// <summary>On the side of a binding that the cluster chose and not the user, so that it may take it back.</summary>
    public const string BoundByController = "pv.kubernetes.io/bound-by-controller";

    /// <summary>On a volume: who made it.</summary>
    public const string ProvisionedBy = "pv.kubernetes.io/provisioned-by";

    /// <summary>On a claim: who is asked to make a volume for it.</summary>
    public const string Provisioner = "volume.kubernetes.io/storage-provisioner";

    /// <summary>On a claim whose class waits for the first consumer: the node that the scheduler chose.</summary>
    public const string SelectedNode = "volume.kubernetes.io/selected-node";

    /// <summary>On the class of claims that name none.</summary>
    public const string IsDefaultClass = "storageclass.kubernetes.io/is-default-class";

    /// <summary>The class of a claim or a volume, as it was written before there was a field.</summary>
    public const string FormerClass = "volume.beta.kubernetes.io/storage-class";

    /// <summary>Finalizer of a claim: it stays while pods use it.</summary>
    public const string ClaimProtection = "kubernetes.io/pvc-protection";

    /// <summary>Finalizer of a volume: it stays while it is bound.</summary>
    public const string VolumeProtection = "kubernetes.io/pv-protection";
}
