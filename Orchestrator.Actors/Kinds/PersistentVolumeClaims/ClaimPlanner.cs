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
    /// <summary>The node that was chosen for the first consumer; null if it does not exist, or if none was chosen.</summary>
    public SelectedNode? Node { get; init; }
}

/// <summary>The node that was chosen for the first consumer of a claim.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Labels">Its labels.</param>
/// <param name="Folder">Where it keeps volumes of the built-in provisioner; null if it has none.</param>
internal sealed record SelectedNode(string Name, IReadOnlyDictionary<string, string> Labels, string? Folder);

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

    /// <summary>The node that was chosen for its first consumer is of no use any more.</summary>
    /// <param name="Why">Why.</param>
    public sealed record Deselect(ClaimEvent Why) : ClaimStep;

    /// <summary>A volume is made for it.</summary>
    /// <param name="Volume">The volume, reserved for the claim.</param>
    public sealed record Provision(V1PersistentVolume Volume) : ClaimStep;

    /// <summary>The volume is asked to be the claim's. It says yes to one claim alone.</summary>
    /// <param name="Volume">The volume.</param>
    public sealed record Reserve(V1PersistentVolume Volume) : ClaimStep;

    /// <summary>The volume is the claim's: the claim says so.</summary>
    /// <param name="Volume">The volume.</param>
    public sealed record Bind(V1PersistentVolume Volume) : ClaimStep;

    /// <summary>The claim asks for more than its volume has, and gets it at once.</summary>
    /// <param name="Volume">The volume.</param>
    /// <param name="Size">Its new size.</param>
    public sealed record Expand(V1PersistentVolume Volume, ResourceQuantity Size) : ClaimStep;

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
        var volume when VolumeMatch.IsReservedFor(volume, facts.Claim) => VolumeMatch.Capacity(volume) < VolumeMatch.Request(facts.Claim) ? Expand(facts, volume) : new ClaimStep.Bind(volume),
        var volume when VolumeMatch.IsMeantFor(volume, facts.Claim) => new ClaimStep.Reserve(volume),
        _ => new ClaimStep.Lose(new("Warning", "ClaimMisbound", "Two claims are bound to the same volume, this one is bound incorrectly")),
    };

    // A folder has the size that it is said to have. Others have somebody of their own who expands them.
    private static ClaimStep Expand(ClaimFacts facts, V1PersistentVolume volume) =>
        volume.Metadata.Annotations is { } all && all.TryGetValue(VolumeAnnotations.ProvisionedBy, out var provisioner) && provisioner == LocalVolumes.Provisioner
            ? new ClaimStep.Expand(volume, facts.Claim.Spec.Resources.Requests["storage"])
            : new ClaimStep.Bind(volume);

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

        var isSelected = HasAnnotation(facts.Claim, VolumeAnnotations.SelectedNode);
        var waits = facts.Class?.VolumeBindingMode == "WaitForFirstConsumer";
        if (waits && isSelected && facts.Node is null)
        {
            return new ClaimStep.Deselect(new("Warning", "ProvisioningFailed", $"node \"{facts.Claim.Metadata.Annotations[VolumeAnnotations.SelectedNode]}\", which was chosen for the first consumer, does not exist any more"));
        }

        var isDelayed = waits && !isSelected;
        return VolumeMatch.Best(facts.Claim, [.. facts.Volumes.Where(v => !isDelayed || VolumeMatch.IsMeantFor(v, facts.Claim))], v => !waits || facts.Node is null || VolumeMatch.IsReachable(v, facts.Node.Name, facts.Node.Labels)) is { } volume ? new ClaimStep.Reserve(volume)

            // A consumer would wait for ever, and nobody would know why.
            : isDelayed && facts.Class?.Provisioner == LocalVolumes.Provisioner && LocalVolumes.Refusal(facts.Claim) is { } why ? Unmade($"{LocalVolumes.Provisioner}: {why}")
            : isDelayed ? new ClaimStep.Wait(new("Normal", "WaitForFirstConsumer", "waiting for first consumer to be created before binding"))
            : facts.Class?.Provisioner == LocalVolumes.Provisioner ? MakeLocal(facts)
            : AskFor(facts);
    }

    private static ClaimStep MakeLocal(ClaimFacts facts) => facts switch
    {
        _ when LocalVolumes.Refusal(facts.Claim) is { } why => Unmade($"{LocalVolumes.Provisioner}: {why}"),
        { Class.VolumeBindingMode: not "WaitForFirstConsumer" } =>
            Unmade($"{LocalVolumes.Provisioner}: its volumes are on the node of the first pod: set volumeBindingMode of storage class \"{facts.Class!.Metadata.Name}\" to WaitForFirstConsumer"),
        { Node.Folder: { } folder } => new ClaimStep.Provision(LocalVolumes.Create(facts.Claim, facts.Class!, facts.Node!.Name, folder)),
        _ => new ClaimStep.Deselect(new("Warning", "ProvisioningFailed", $"{LocalVolumes.Provisioner}: node \"{facts.Node?.Name}\" keeps no volumes")),
    };

    private static ClaimStep.Wait AskFor(ClaimFacts facts) => (VolumeMatch.ClassOf(facts.Claim), facts.Class?.Provisioner) switch
    {
        ("", _) => new(new("Normal", "FailedBinding", "no persistent volumes available for this claim and no storage class is set")),
        (var name, null) => new(new("Warning", "ProvisioningFailed", $"storageclass.storage.k8s.io \"{name}\" not found")),
        (var name, NoProvisioner) => new(new("Normal", "FailedBinding", $"no persistent volumes available for this claim, and storage class \"{name}\" makes none: create a PersistentVolume of this class that fits")),
        (_, var provisioner) => new(new("Normal", "ExternalProvisioning",
            $"Waiting for a volume to be created either by the external provisioner '{provisioner}' or manually by the system administrator. If it takes long, check that the provisioner runs."), provisioner),
    };

    private static ClaimStep.Lose Lost(string message) => new(new("Warning", "ClaimLost", message));

    private static ClaimStep.Wait Unmade(string message) => new(new("Warning", "ProvisioningFailed", message));

    private static ClaimStep.Wait Failed(string message) => new(new("Warning", "FailedBinding", message));

    private static bool HasAnnotation(V1PersistentVolumeClaim claim, string name) => claim.Metadata.Annotations is { } all && all.TryGetValue(name, out var value) && value.Length > 0;
}
