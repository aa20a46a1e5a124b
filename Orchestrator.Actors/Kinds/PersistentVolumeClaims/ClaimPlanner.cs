using Orchestrator.Actors.Workloads;
using k8s.Models;

namespace Orchestrator.Actors.Kinds.PersistentVolumeClaims;

/// <summary>What is known of the surroundings of a claim.</summary>
/// <param name="Claim">The claim.</param>
/// <param name="Named">The volume that it names; null if there is none.</param>
/// <param name="Volumes">The volumes that name it, and those of its class that nobody has.</param>
/// <param name="Class">Its class; null if there is none.</param>
/// <param name="DefaultClass">Name of the class of claims that name none; null if there is none.</param>
/// <param name="IsUsed">Whether there is a pod with a node that uses it.</param>
internal sealed record ClaimFacts(
    V1PersistentVolumeClaim Claim, V1PersistentVolume? Named, IReadOnlyList<V1PersistentVolume> Volumes, V1StorageClass? Class, string? DefaultClass, bool IsUsed)
{
    /// <summary>Whether the node that was chosen for the first consumer can reach a volume.</summary>
    public Func<V1PersistentVolume, bool> IsReachable { get; init; } = _ => true;
}

/// <summary>An event of Kubernetes about a claim.</summary>
/// <param name="Type"><c>Normal</c> or <c>Warning</c>.</param>
/// <param name="Reason">One CamelCase word.</param>
/// <param name="Message">A sentence.</param>
internal sealed record ClaimEvent(string Type, string Reason, string Message);

/// <summary>The next step of a claim.</summary>
internal abstract record ClaimStep
{
    private ClaimStep()
    {
    }

    /// <summary>Nothing to do until something changes.</summary>
    /// <param name="Why">What it waits for; null if it waits for nothing.</param>
    /// <param name="Provisioner">Who is asked to make a volume; null for nobody.</param>
    public sealed record Wait(ClaimEvent? Why = null, string? Provisioner = null) : ClaimStep;

    /// <summary>It names no class, and there is one for such claims.</summary>
    /// <param name="Class">The class.</param>
    public sealed record TakeClass(string Class) : ClaimStep;

    /// <summary>The volume is asked to be the claim's. It says yes to one claim alone.</summary>
    /// <param name="Volume">The volume.</param>
    public sealed record Reserve(V1PersistentVolume Volume) : ClaimStep;

    /// <summary>The volume is the claim's: the claim says so.</summary>
    /// <param name="Volume">The volume.</param>
    public sealed record Bind(V1PersistentVolume Volume) : ClaimStep;

    /// <summary>Its volume is gone, or another's.</summary>
    /// <param name="Why">What happened.</param>
    public sealed record Lose(ClaimEvent Why) : ClaimStep;

    /// <summary>It is being deleted, and nobody uses it.</summary>
    public sealed record Finish : ClaimStep;
}

/// <summary>Decides the next step of a claim, one at a time, so that a crash between two of them is made up for by the next plan (Kubernetes, "Persistent Volumes"). Pure.</summary>
/// <remarks>The volume decides: a claim is bound to a volume once that volume's own <c>claimRef</c> has its uid. The volume's actor accepts the first claim
/// that asks and refuses others, because they ask for a version of it that is no more.</remarks>
internal static class ClaimPlanner
{
    /// <summary>The provisioner of classes whose volumes are made by hand.</summary>
    private const string NoProvisioner = "kubernetes.io/no-provisioner";

    /// <summary>Plans.</summary>
    public static ClaimStep Plan(ClaimFacts facts)
    {
        var meta = facts.Claim.Metadata;
        return meta.DeletionTimestamp is not null
            ? !facts.IsUsed && meta.Finalizers?.Contains(VolumeAnnotations.ClaimProtection) == true ? new ClaimStep.Finish() : new ClaimStep.Wait()
            : HasAnnotation(facts.Claim, VolumeAnnotations.BindCompleted) ? Bound(facts)
            : string.IsNullOrEmpty(facts.Claim.Spec.VolumeName) ? Unbound(facts)
            : Asking(facts);
    }

    private static ClaimStep Bound(ClaimFacts facts) => facts.Named switch
    {
        _ when string.IsNullOrEmpty(facts.Claim.Spec.VolumeName) => Lost("Bound claim has lost reference to PersistentVolume. Data on the volume is lost!"),
        null => Lost("Bound claim has lost its PersistentVolume. Data on the volume is lost!"),
        { Spec.ClaimRef: null } free => new ClaimStep.Reserve(free),
        var volume when VolumeMatch.IsReservedFor(volume, facts.Claim) => new ClaimStep.Bind(volume),
        var volume when VolumeMatch.IsMeantFor(volume, facts.Claim) => new ClaimStep.Reserve(volume),
        _ => new ClaimStep.Lose(new("Warning", "ClaimMisbound", "Two claims are bound to the same volume, this one is bound incorrectly")),
    };

    // The user asked for a certain volume.
    private static ClaimStep Asking(ClaimFacts facts) => facts.Named switch
    {
        null => Failed($"volume \"{facts.Claim.Spec.VolumeName}\" does not exist"),
        var volume when VolumeMatch.IsReservedFor(volume, facts.Claim) => new ClaimStep.Bind(volume),
        { Metadata.DeletionTimestamp: not null } volume => Failed($"volume \"{volume.Metadata.Name}\" is being deleted"),
        var volume when VolumeMatch.IsMeantFor(volume, facts.Claim) => new ClaimStep.Reserve(volume),
        { Spec.ClaimRef: not null } volume => Failed($"volume \"{volume.Metadata.Name}\" already bound to a different claim."),
        var volume => VolumeMatch.Mismatch(volume, facts.Claim) is { } why
            ? new ClaimStep.Wait(new("Warning", "VolumeMismatch", $"Cannot bind to requested volume \"{volume.Metadata.Name}\": {why}"))
            : new ClaimStep.Reserve(volume),
    };

    private static ClaimStep Unbound(ClaimFacts facts)
    {
        // Reserved by a plan whose end is not known, because the host went down.
        if (facts.Volumes.Where(v => VolumeMatch.IsReservedFor(v, facts.Claim)).MinBy(v => v.Metadata.Name, StringComparer.Ordinal) is { } reserved)
        {
            return new ClaimStep.Bind(reserved);
        }

        if (VolumeMatch.WantsDefaultClass(facts.Claim) && facts.DefaultClass is { } usual)
        {
            return new ClaimStep.TakeClass(usual);
        }

        var isDelayed = facts.Class?.VolumeBindingMode == "WaitForFirstConsumer" && !HasAnnotation(facts.Claim, VolumeAnnotations.SelectedNode);
        return VolumeMatch.Best(facts.Claim, [.. facts.Volumes.Where(v => !isDelayed || VolumeMatch.IsMeantFor(v, facts.Claim))], facts.IsReachable) is { } volume ? new ClaimStep.Reserve(volume)
            : isDelayed ? new ClaimStep.Wait(new("Normal", "WaitForFirstConsumer", "waiting for first consumer to be created before binding"))
            : Provision(facts);
    }

    private static ClaimStep.Wait Provision(ClaimFacts facts) => (VolumeMatch.ClassOf(facts.Claim), facts.Class?.Provisioner) switch
    {
        ("", _) => new(new("Normal", "FailedBinding", "no persistent volumes available for this claim and no storage class is set")),
        (var name, null) => new(new("Warning", "ProvisioningFailed", $"storageclass.storage.k8s.io \"{name}\" not found")),
        (var name, NoProvisioner) => new(new("Normal", "FailedBinding", $"no persistent volumes available for this claim, and storage class \"{name}\" makes none: create a PersistentVolume of this class that fits")),
        (_, var provisioner) => new(new("Normal", "ExternalProvisioning",
            $"Waiting for a volume to be created either by the external provisioner '{provisioner}' or manually by the system administrator. If it takes long, check that the provisioner runs."), provisioner),
    };

    private static ClaimStep.Lose Lost(string message) => new(new("Warning", "ClaimLost", message));

    private static ClaimStep.Wait Failed(string message) => new(new("Warning", "FailedBinding", message));

    private static bool HasAnnotation(V1PersistentVolumeClaim claim, string name) => claim.Metadata.Annotations is { } all && all.TryGetValue(name, out var value) && value.Length > 0;
}
