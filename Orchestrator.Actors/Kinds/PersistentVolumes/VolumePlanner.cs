using Orchestrator.Actors.Workloads;
using k8s.Models;

namespace Orchestrator.Actors.Kinds.PersistentVolumes;

/// <summary>The claim that a volume names, as far as the volume needs to know it.</summary>
/// <param name="Uid">Its uid.</param>
/// <param name="VolumeName">The volume that it is bound to; empty for none.</param>
internal sealed record ClaimOutline(string Uid, string VolumeName);

/// <summary>What a volume is to do.</summary>
/// <param name="Phase">The phase that it is to have.</param>
/// <param name="Reason">Reason of a failure, for the status; null for none.</param>
/// <param name="Message">Message of a failure; null for none.</param>
/// <param name="Release">Whether it is given back to whom it belonged before the cluster chose: to a claim of that name, or to everybody.</param>
/// <param name="Unprotect">Whether the finalizer that protects a bound volume goes.</param>
/// <param name="Delete">Whether it is deleted.</param>
/// <param name="Keep">Whether its folder stays although the volume goes.</param>
internal sealed record VolumePlan(string Phase, string? Reason = null, string? Message = null, bool Release = false, bool Unprotect = false, bool Delete = false, bool Keep = false);

/// <summary>Decides the phase of a volume and what becomes of it once its claim is gone (Kubernetes, "Persistent Volumes", phase and reclaiming). Pure.</summary>
internal static class VolumePlanner
{
    /// <summary>Reason of a volume that nobody can delete.</summary>
    public const string FailedDelete = "VolumeFailedDelete";

    /// <summary>Plans.</summary>
    /// <param name="volume">The volume.</param>
    /// <param name="claim">The claim of the name in its <c>claimRef</c>; null if there is none.</param>
    public static VolumePlan Plan(V1PersistentVolume volume, ClaimOutline? claim)
    {
        var plan = Judge(volume, claim);
        var isHeld = plan.Phase == "Bound" || (claim is not null && claim.Uid == volume.Spec.ClaimRef?.Uid);
        return plan with
        {
            Unprotect = volume.Metadata.DeletionTimestamp is not null && !isHeld && volume.Metadata.Finalizers?.Contains(VolumeAnnotations.VolumeProtection) == true,
            Delete = plan.Delete && volume.Metadata.DeletionTimestamp is null,
            Keep = volume.Metadata.DeletionTimestamp is not null && volume.Spec.PersistentVolumeReclaimPolicy != "Delete" && volume.Metadata.Finalizers?.Contains(LocalVolumes.Finalizer) == true,
        };
    }

    private static VolumePlan Judge(V1PersistentVolume volume, ClaimOutline? claim) => volume.Spec.ClaimRef switch
    {
        null or { Uid: null or "" } => new("Available"),
        var reserved when claim is null || claim.Uid != reserved.Uid => Reclaim(volume),

        // The claim is about to say so.
        _ when claim.VolumeName.Length == 0 => new(volume.Status?.Phase is "Bound" or null or "Pending" ? "Available" : volume.Status.Phase),
        _ when claim.VolumeName == volume.Metadata.Name => new("Bound"),

        // The claim has another one. What was made for it alone is of no use to others.
        _ when Provisioner(volume) is not null && volume.Spec.PersistentVolumeReclaimPolicy == "Delete" => Reclaim(volume),
        _ => new("Available", Release: true),
    };

    private static VolumePlan Reclaim(V1PersistentVolume volume) =>
        volume.Spec.PersistentVolumeReclaimPolicy != "Delete" ? new("Released")

        // It is deleted first, so that nobody gets it any more, and its folder before it is gone.
        : Provisioner(volume) is { } provisioner ? new("Released", Delete: provisioner == LocalVolumes.Provisioner)
        : new("Failed", FailedDelete, "Nobody here can delete what is on a volume that was made by hand: remove it yourself, and then the PersistentVolume");

    private static string? Provisioner(V1PersistentVolume volume) =>
        volume.Metadata.Annotations is { } all && all.TryGetValue(VolumeAnnotations.ProvisionedBy, out var name) && name.Length > 0 ? name : null;
}
