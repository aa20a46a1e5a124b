using System.Collections.Immutable;
using System.Text.Json.Nodes;
using Orchestrator.Actors.Api;
using Orchestrator.Actors.Entities;
using Orchestrator.Actors.Feed;
using Orchestrator.Actors.Journal;
using Orchestrator.Actors.Kinds.Nodes;
using Orchestrator.Actors.Kinds.PersistentVolumes;
using Orchestrator.Actors.Kinds.Pods;
using Orchestrator.Actors.Kinds.StorageClasses;
using Orchestrator.Actors.Reconcile;
using Orchestrator.Actors.Resources;
using Orchestrator.Actors.Workloads;
using k8s.Models;

namespace Orchestrator.Actors.Kinds.PersistentVolumeClaims;

/// <summary>Turns the step of <see cref="ClaimPlanner"/> into commands to the claim and its volume.</summary>
public sealed class PersistentVolumeClaimController : IController
{
    private const string Component = "persistentvolume-controller";

    /// <inheritdoc/>
    public ResourceDefinition Kind => PersistentVolumeClaimDefinition.Instance;

    /// <inheritdoc/>
    public ImmutableArray<WakeRule> WokenBy =>
    [
        // A volume: the claims that name it, the one that it names, and while nobody has it, all that wait for one of its class.
        new(o => o.Kind == PersistentVolumeDefinition.Instance ? new("", o.Name) : null, (concern, view) =>
        {
            var key = PersistentVolumeDefinition.Instance.Key(null, concern.Name);
            return Claims(view, key).Concat(view.Find(key)?.References.SelectMany(r => r.Resource == PersistentVolumeClaimDefinition.Instance.Resource ? [r] : Claims(view, r)) ?? []);
        }),

        // A class: the claims that wait for it, and those that take the default one.
        new(o => o.Kind == StorageClassDefinition.Instance ? new("", o.Name) : null,
            (concern, view) => Claims(view, StorageClassDefinition.Instance.Key(null, concern.Name)).Concat(Claims(view, ClaimReferences.NoClass))),

        // A node that was chosen and is gone.
        new(o => o.Kind == NodeDefinition.Instance ? new("", o.Name) : null,
            (concern, view) => NodeDefinition.Instance.Key(null, concern.Name) is var key && view.Find(key) is null ? Claims(view, key) : []),

        // A pod that used claims which are to go.
        new(o => o.Kind == PodDefinition.Instance && Used(o) is { Length: > 0 } names ? new(o.Namespace, names) : null,
            (concern, view) => concern.Name.Split(',').Select(n => PersistentVolumeClaimDefinition.Instance.Key(concern.Namespace, n)).Where(k => view.Find(k)?.IsDeleting == true)),
    ];

    /// <inheritdoc/>
    public RecordedEvent? EventFor(RejectedCommand rejected) => rejected.Command is CreateObject
        ? new RecordedEvent("Warning", "ProvisioningFailed", $"failed to provision volume: {rejected.Error.Message}", LocalVolumes.Provisioner) : null;

    /// <inheritdoc/>
    public ControllerPlan Plan(KubeObject self, IClusterView view, PlanContext context)
    {
        var claim = self.As<V1PersistentVolumeClaim>();
        var by = $"persistentvolumeclaim:{self.Namespace}/{self.Name}";

        // Of the version that was looked at: a step that comes late must not undo a later one.
        MergeObject Own(JsonObject patch, string verb, ClaimEvent? told = null) =>
            new(self.Key, self.Uid, patch, verb, by, context.Cause, RecordedEvents: told is null ? [] : [Recorded(told)], ExpectedRevision: self.Revision);
        return ClaimPlanner.Plan(Facts(self, claim, view)) switch
        {
            ClaimStep.Finish => Send(new ControllerCommands(self, by, context.Cause).WithoutFinalizer(VolumeAnnotations.ClaimProtection)),
            ClaimStep.TakeClass step => Send(Own(new JsonObject { ["spec"] = new JsonObject { ["storageClassName"] = step.Class } }, verb: "class-assigned")),
            ClaimStep.Deselect step => Send(Own(ClaimPatches.Deselect(), verb: "deselected", step.Why)),
            ClaimStep.Provision { Volume: var made } => new ControllerPlan(
                [new CreateObject(PersistentVolumeDefinition.Instance.Key(null, made.Metadata.Name), (JsonObject)Models.ToNode(made), by, context.Cause)], null)
            {
                PlannedEvents = [new PlannedEvent(PersistentVolumeDefinition.Instance.Key(null, made.Metadata.Name),
                    new RecordedEvent("Normal", "ProvisioningSucceeded", $"Successfully provisioned volume {made.Metadata.Name}", LocalVolumes.Provisioner))],
            },
            ClaimStep.Reserve { Volume: var volume } => Send(new MergeObject(PersistentVolumeDefinition.Instance.Key(null, volume.Metadata.Name), volume.Metadata.Uid,
                ClaimPatches.Reserve(volume, self), "claimed", by, context.Cause, ExpectedRevision: view.ByUid(volume.Metadata.Uid)?.Revision ?? 0)),
            ClaimStep.Expand { Volume: var small } step => new ControllerPlan([new MergeObject(PersistentVolumeDefinition.Instance.Key(null, small.Metadata.Name), small.Metadata.Uid,
                ClaimPatches.Expand(step.Size), "expanded", by, context.Cause, ExpectedRevision: view.ByUid(small.Metadata.Uid)?.Revision ?? 0)], null)
            {
                PlannedEvents = [new PlannedEvent(PersistentVolumeDefinition.Instance.Key(null, small.Metadata.Name),
                    new RecordedEvent("Normal", "VolumeResizeSuccessful", "Resize volume succeeded", LocalVolumes.Provisioner))],
            },
            ClaimStep.Bind { Volume: var volume } => Changes(self, ClaimPatches.Bind(volume, claim)) ? Send(Own(ClaimPatches.Bind(volume, claim), verb: "bound")) : ControllerPlan.Nothing,
            ClaimStep.Lose { Why: var why } => claim.Status?.Phase == "Lost" ? ControllerPlan.Nothing : Send(Own(ClaimPatches.Lose(), verb: "lost", why)),
            ClaimStep.Wait step => new ControllerPlan(step.Provisioner is { } asked && ClaimPatches.Ask(asked) is var patch && Changes(self, patch) ? [Own(patch, verb: "progressed")] : [], null)
            {
                Findings = step.Why is { } why ? [new Finding(why.Reason + why.Message, Recorded(why), by)] : [],
            },
            var step => throw new InvalidOperationException($"No commands for {step.GetType().Name}."),
        };
    }

    private static ControllerPlan Send(ObjectCommand command) => new([command], null);

    private static RecordedEvent Recorded(ClaimEvent e) => new(e.Type, e.Reason, e.Message, Component);

    private static bool Changes(KubeObject self, JsonObject patch) => JsonMerge.Effective(self.ToNode(), patch) is not null;

    private static ClaimFacts Facts(KubeObject self, V1PersistentVolumeClaim claim, IClusterView view)
    {
        var naming = view.Indexed(IndexKey.Reference(self.Key));
        var name = VolumeMatch.ClassOf(claim);
        var ofClass = string.IsNullOrEmpty(claim.Spec.VolumeName) ? view.Indexed(IndexKey.Reference(StorageClassDefinition.Instance.Key(null, name))) : [];
        return new ClaimFacts(
            claim,
            string.IsNullOrEmpty(claim.Spec.VolumeName) ? null : view.Find(PersistentVolumeDefinition.Instance.Key(null, claim.Spec.VolumeName))?.As<V1PersistentVolume>(),
            [.. naming.Concat(ofClass).Where(o => o.Kind == PersistentVolumeDefinition.Instance).Select(o => o.As<V1PersistentVolume>())],
            name.Length == 0 ? null : view.Find(StorageClassDefinition.Instance.Key(null, name))?.As<V1StorageClass>(),
            VolumeMatch.WantsDefaultClass(claim) ? DefaultClass.NameIn(view) : null,
            naming.Any(o => o.Kind == PodDefinition.Instance && o.NodeName is not null))
        {
            Node = claim.Metadata.Annotations is { } all && all.TryGetValue(VolumeAnnotations.SelectedNode, out var node) && view.Find(NodeDefinition.Instance.Key(null, node)) is { } found
                ? new SelectedNode(node, found.Labels, Folder(found)) : null,
        };
    }

    private static string? Folder(KubeObject node) => node.As<V1Node>().Metadata.Annotations is { } all && all.TryGetValue(LocalVolumes.FolderAnnotation, out var folder) ? folder : null;

    private static IEnumerable<ObjectKey> Claims(IClusterView view, ObjectKey named) =>
        view.Indexed(IndexKey.Reference(named)).Where(o => o.Kind == PersistentVolumeClaimDefinition.Instance).Select(o => o.Key);

    // A name has no comma.
    private static string Used(KubeObject pod)
    {
        var names = "";
        foreach (var key in pod.References)
        {
            if (key.Resource == PersistentVolumeClaimDefinition.Instance.Resource)
            {
                names = names.Length == 0 ? key.Name : $"{names},{key.Name}";
            }
        }

        return names;
    }
}
