using CsCheck;
using Orchestrator.Actors.Workloads;
using k8s.Models;

namespace Orchestrator.Tests.Kinds.PersistentVolumes;

/// <summary>Creations, deletions, plans of old views and crashes in any order.</summary>
public sealed class BindingProperties
{
    [Fact]
    public void Two_claims_never_have_one_volume_and_in_the_end_everybody_has_what_there_is() => Gen.Int[0, 9_999].List[20, 150].Sample(choices =>
    {
        var world = new BindingWorld();
        foreach (var choice in choices)
        {
            world.Step(choice % 10, choice / 10);
            var shared = world.Claims.Where(c => c.Status?.Phase == "Bound").GroupBy(c => c.Spec.VolumeName).FirstOrDefault(g => g.Count(c => IsHeld(world, c)) > 1);
            Assert.True(shared is null, $"Volume {shared?.Key} has two claims:\n{world.Text}");
        }

        world.Rest();
        foreach (var claim in world.Claims)
        {
            var own = world.Volumes.Where(v => v.Spec.ClaimRef?.Uid == claim.Metadata.Uid).ToList();
            var isRight = claim.Status.Phase switch
            {
                "Bound" => own is [{ Status.Phase: "Bound" } v] && v.Metadata.Name == claim.Spec.VolumeName && (IsMeant(v) || VolumeMatch.Capacity(v) >= VolumeMatch.Request(claim)),
                "Pending" => own.Count == 0 && !world.Volumes.Any(v => IsFor(v, claim)),
                "Lost" => own.Count == 0,
                _ => false,
            };
            Assert.True(isRight, $"{claim.Metadata.Name}:\n{world.Text}");
        }

        var claims = world.Claims.ToDictionary(c => c.Metadata.Uid);
        Assert.All(world.Volumes, v => Assert.Equal(string.IsNullOrEmpty(v.Spec.ClaimRef?.Uid) ? "Available" : claims.ContainsKey(v.Spec.ClaimRef.Uid) ? "Bound" : "Released", v.Status.Phase));
        Assert.All(world.Volumes, v => Assert.True(v.Metadata.DeletionTimestamp is null || v.Status.Phase == "Bound", $"{v.Metadata.Name} does not go:\n{world.Text}"));
        Assert.All(world.Claims, c => Assert.Null(c.Metadata.DeletionTimestamp));
    }, iter: 800);

    // A volume that was made again under its name is another one.
    private static bool IsHeld(BindingWorld world, V1PersistentVolumeClaim claim) =>
        world.Volumes.Any(v => v.Metadata.Name == claim.Spec.VolumeName && v.Spec.ClaimRef?.Uid is { Length: > 0 });

    // Of two that the user put together, nobody asks whether they fit.
    private static bool IsMeant(V1PersistentVolume volume) => volume.Metadata.Annotations?.ContainsKey(VolumeAnnotations.BoundByController) != true;

    private static bool IsFor(V1PersistentVolume volume, V1PersistentVolumeClaim claim) =>
        volume is { Status.Phase: "Available", Metadata.DeletionTimestamp: null } && (volume.Spec.ClaimRef is null || VolumeMatch.IsMeantFor(volume, claim))
        && (VolumeMatch.Capacity(volume) >= VolumeMatch.Request(claim) || (volume.Spec.ClaimRef is not null && claim.Spec.VolumeName is { Length: > 0 })) && (string.IsNullOrEmpty(claim.Spec.VolumeName) || claim.Spec.VolumeName == volume.Metadata.Name);
}
