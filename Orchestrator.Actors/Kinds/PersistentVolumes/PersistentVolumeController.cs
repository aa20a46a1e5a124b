using System.Collections.Immutable;
using System.Text.Json.Nodes;
using Orchestrator.Actors.Api;
using Orchestrator.Actors.Entities;
using Orchestrator.Actors.Feed;
using Orchestrator.Actors.Journal;
using Orchestrator.Actors.Kinds.PersistentVolumeClaims;
using Orchestrator.Actors.Kinds.VolumeAttachments;
using Orchestrator.Actors.Reconcile;
using Orchestrator.Actors.Resources;
using Orchestrator.Actors.Workloads;
using k8s.Models;

namespace Orchestrator.Actors.Kinds.PersistentVolumes;

/// <summary>Turns the plan of <see cref="VolumePlanner"/> into commands to the volume.</summary>
public sealed class PersistentVolumeController : IController
{
    private const string Component = "persistentvolume-controller";

    /// <inheritdoc/>
    public ResourceDefinition Kind => PersistentVolumeDefinition.Instance;

    /// <inheritdoc/>
    public ImmutableArray<WakeRule> WokenBy => [Naming.By(PersistentVolumeDefinition.Instance, k => k == PersistentVolumeClaimDefinition.Instance), .. VolumeAttaching.WokenBy];

    /// <inheritdoc/>
    public ControllerPlan Plan(KubeObject self, IClusterView view, PlanContext context)
    {
        var volume = self.As<V1PersistentVolume>();
        var by = $"persistentvolume:{self.Name}";
        var plan = VolumePlanner.Plan(volume, ClaimOf(volume, view));
        if (plan.Unprotect || plan.Keep)
        {
            return new ControllerPlan([new ControllerCommands(self, by, context.Cause).WithoutFinalizer(plan.Unprotect ? VolumeAnnotations.VolumeProtection : LocalVolumes.Finalizer)], null);
        }

        var commands = ImmutableArray.CreateBuilder<ObjectCommand>();
        if (Patch(volume, plan, context) is { } patch)
        {
            MergeObject Own(string verb) => new(self.Key, self.Uid, patch, verb, by, context.Cause, ExpectedRevision: self.Revision,
                RecordedEvents: plan.Reason is null ? [] : [new RecordedEvent("Warning", plan.Reason, plan.Message!, Component)]);
            commands.Add(plan.Release ? Own(verb: "unclaimed") : Own(verb: "reported"));
        }

        if (plan.Delete)
        {
            commands.Add(new DeleteObject(self.Key, by, context.Cause, ExpectedUid: self.Uid));
        }

        var attaching = VolumeAttaching.Plan(self, volume, view, context);
        return new ControllerPlan([.. commands, .. attaching.Commands], attaching.RecheckAfter) { Findings = attaching.Findings };
    }

    private static ClaimOutline? ClaimOf(V1PersistentVolume volume, IClusterView view) =>
        volume.Spec.ClaimRef is { Name: { Length: > 0 } name } reserved && view.Find(PersistentVolumeClaimDefinition.Instance.Key(reserved.NamespaceProperty, name)) is { } claim
            ? new ClaimOutline(claim.Uid, claim.As<V1PersistentVolumeClaim>().Spec.VolumeName ?? "") : null;

    private static JsonObject? Patch(V1PersistentVolume volume, VolumePlan plan, PlanContext context)
    {
        var patch = new JsonObject();

        // What others say in a status whose phase is right is theirs.
        if (plan.Phase != volume.Status?.Phase)
        {
            patch["status"] = new JsonObject { ["phase"] = plan.Phase, ["reason"] = plan.Reason, ["message"] = plan.Message, ["lastPhaseTransitionTime"] = KubeTime.Text(context.Now) };
        }

        if (plan.Release)
        {
            // What the user wrote stays: for which name the volume is meant.
            var isChosen = volume.Metadata.Annotations?.ContainsKey(VolumeAnnotations.BoundByController) == true;
            patch["spec"] = new JsonObject { ["claimRef"] = isChosen ? null : new JsonObject { ["uid"] = null, ["resourceVersion"] = null } };
            patch["metadata"] = new JsonObject { ["annotations"] = new JsonObject { [VolumeAnnotations.BoundByController] = null } };
        }

        return patch.Count == 0 ? null : patch;
    }
}
