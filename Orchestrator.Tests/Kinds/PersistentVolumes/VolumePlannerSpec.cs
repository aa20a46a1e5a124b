using Orchestrator.Actors.Kinds.PersistentVolumes;
using Orchestrator.Actors.Workloads;
using k8s.Models;

namespace Orchestrator.Tests.Kinds.PersistentVolumes;

/// <summary>The phase of a volume and what becomes of it.</summary>
public sealed class VolumePlannerSpec
{
    // The uid in its claimRef, the claim of that name as uid and volume, its reclaim policy, who made it.
    [Theory]
    [InlineData(null, null, null, "Retain", null, "Available")]
    [InlineData("", null, null, "Retain", null, "Available")] // meant for a claim that is not there yet
    [InlineData("u", "u", "", "Retain", null, "Available")] // the claim is about to take it
    [InlineData("u", "u", "v", "Retain", null, "Bound")]
    [InlineData("u", "u", "other", "Retain", null, "Available given back")]
    [InlineData("u", "u", "other", "Delete", "someone", "Released")]
    [InlineData("u", null, null, "Retain", null, "Released")]
    [InlineData("u", "later", "", "Retain", null, "Released")] // made again under its name: another one
    [InlineData("u", null, null, "Delete", "someone", "Released")] // whoever made it deletes it
    [InlineData("u", null, null, "Delete", LocalVolumes.Provisioner, "Released deleted")] // so that nobody gets it while its folder is deleted
    [InlineData("u", null, null, "Retain", LocalVolumes.Provisioner, "Released")]
    [InlineData("u", null, null, "Delete", null, "Failed VolumeFailedDelete")]
    public void Its_claim_decides(string? claimRef, string? claim, string? of, string policy, string? provisioner, string expected)
    {
        var plan = VolumePlanner.Plan(Volume(claimRef, policy, provisioner), claim is null ? null : new ClaimOutline(claim, of!));
        Assert.Equal(expected, plan.Phase + (plan.Release ? " given back" : "") + (plan.Delete ? " deleted" : "") + (plan.Reason is null ? "" : $" {plan.Reason}"));
        Assert.False(plan.Unprotect);
    }

    [Theory]
    [InlineData(null, null, null, true)]
    [InlineData("u", null, null, true)] // released
    [InlineData("u", "u", "v", false)]
    [InlineData("u", "u", "", false)] // about to be bound
    public void A_volume_that_is_to_go_stays_while_it_is_bound(string? claimRef, string? claim, string? of, bool goes)
    {
        var volume = Volume(claimRef, "Retain", null);
        (volume.Metadata.DeletionTimestamp, volume.Metadata.Finalizers) = (DateTime.UnixEpoch, [VolumeAnnotations.VolumeProtection]);
        Assert.Equal(goes, VolumePlanner.Plan(volume, claim is null ? null : new ClaimOutline(claim, of!)).Unprotect);
    }

    [Theory]
    [InlineData("Retain", true)]
    [InlineData("Delete", false)] // the agent deletes it first
    public void The_folder_of_a_volume_that_is_deleted_stays_if_its_policy_says_so(string policy, bool keeps)
    {
        var volume = Volume(null, policy, LocalVolumes.Provisioner);
        (volume.Metadata.DeletionTimestamp, volume.Metadata.Finalizers) = (DateTime.UnixEpoch, [LocalVolumes.Finalizer]);
        Assert.Equal(keeps, VolumePlanner.Plan(volume, null).Keep);
    }

    private static V1PersistentVolume Volume(string? claimRef, string policy, string? provisioner) => new()
    {
        Metadata = new() { Name = "v", Uid = "v", Annotations = provisioner is null ? null : new Dictionary<string, string> { [VolumeAnnotations.ProvisionedBy] = provisioner } },
        Spec = new() { ClaimRef = claimRef is null ? null : new() { NamespaceProperty = "default", Name = "c", Uid = claimRef }, PersistentVolumeReclaimPolicy = policy },
    };
}
