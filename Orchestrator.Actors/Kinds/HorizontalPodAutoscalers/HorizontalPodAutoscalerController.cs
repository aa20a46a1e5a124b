using System.Collections.Immutable;
using System.Globalization;
using System.Text.Json.Nodes;
using Orchestrator.Actors.Api;
using Orchestrator.Actors.CustomMetrics;
using Orchestrator.Actors.Entities;
using Orchestrator.Actors.Feed;
using Orchestrator.Actors.Journal;
using Orchestrator.Actors.Reconcile;
using Orchestrator.Actors.ResourceMetrics;
using Orchestrator.Actors.Resources;
using k8s.Models;

namespace Orchestrator.Actors.Kinds.HorizontalPodAutoscalers;

/// <summary>Turns the plan of <see cref="AutoscalerPlanner"/> into commands to the target and to the autoscaler itself. It decides once in a period, and when the spec changes;
/// whatever else wakes it only shows what became of its last decision.</summary>
/// <param name="metrics">What pods use.</param>
/// <param name="pushed">Other values of pods, of objects, and from outside.</param>
/// <param name="settings">See <see cref="AutoscalerSettings"/>.</param>
public sealed class HorizontalPodAutoscalerController(IResourceMetrics metrics, IPushedMetrics pushed, AutoscalerSettings settings) : IController
{
    private const string Component = "horizontal-pod-autoscaler";
    private const string Reason = "reason";
    private const string Size = "replicas";
    private readonly AutoscalerMemories _memories = new();

    /// <inheritdoc/>
    public ResourceDefinition Kind => HorizontalPodAutoscalerDefinition.Instance;

    /// <inheritdoc/>
    public ControllerPlan Plan(KubeObject self, IClusterView view, PlanContext context)
    {
        if (self.IsDeleting)
        {
            _memories.Forget(self.Uid);
            return ControllerPlan.Nothing;
        }

        var memory = _memories.Of(self.Uid);
        var left = memory.SyncedAt + settings.SyncPeriod - context.Now;

        // A clock that was set back must not stop it.
        return memory.Generation == self.Generation && left > TimeSpan.Zero && left <= settings.SyncPeriod ? Settle(self, memory, context, left) : Decide(self, view, memory, context);
    }

    /// <inheritdoc/>
    public RecordedEvent? EventFor(RejectedCommand rejected) => rejected.Command is MergeObject { Verb: "scaled" } rescale
        ? new RecordedEvent("Warning", "FailedRescale", $"New size: {rescale.Details?[Size]}; reason: {rescale.Details?[Reason]}; error: {rejected.Error.Message}", Component)
        : null;

    private ControllerPlan Decide(KubeObject self, IClusterView view, AutoscalerMemory memory, PlanContext context)
    {
        var target = ScaleTargets.Of(self, view, metrics, pushed);
        var plan = AutoscalerPlanner.Plan(self.As<V2HorizontalPodAutoscaler>(), target, memory, settings, context.Now);
        _memories.Put(self.Uid, plan.Memory, context.Now);
        var commands = ImmutableArray.CreateBuilder<ObjectCommand>();
        var events = ImmutableArray.CreateBuilder<PlannedEvent>();
        if (plan.Rescale is { } rescale)
        {
            commands.Add(new MergeObject(target.Object!.Key, target.Object.Uid, target.Object.Kind.ScalePaths.Patch(rescale.Replicas), "scaled", By(self), context.Cause,
                Details: new JsonObject { [Reason] = rescale.Reason, [Size] = rescale.Replicas }));
            events.Add(new PlannedEvent(target.Object.Key, new RecordedEvent("Normal", "SuccessfulRescale",
                string.Create(CultureInfo.InvariantCulture, $"New size: {rescale.Replicas}; reason: {rescale.Reason}"), Component)));
        }

        if (plan.Status is not null)
        {
            commands.Add(Commands(self, context).Status(plan.Status));
        }

        var about = plan.Rescale is null ? self.Key : target.Object!.Key;
        events.AddRange(plan.Warnings.Select(w => new PlannedEvent(about, new RecordedEvent("Warning", w.Reason, w.Message, Component))));
        return new ControllerPlan(commands.ToImmutable(), settings.SyncPeriod) { PlannedEvents = events.ToImmutable(), EventsVerb = "scaled" };
    }

    // The status shows a new size once the target has accepted or refused it.
    private ControllerPlan Settle(KubeObject self, AutoscalerMemory memory, PlanContext context, TimeSpan left)
    {
        if (memory.Pending is not { } pending)
        {
            return new ControllerPlan([], left);
        }

        var autoscaler = self.As<V2HorizontalPodAutoscaler>();
        var refused = context.RejectedCommands.FirstOrDefault(r => r.Command is MergeObject { Verb: "scaled" });
        var status = refused is null ? pending.Status : AutoscalerPlanner.Refused(autoscaler, pending, refused.Error.Message, context.Now);
        _memories.Put(self.Uid, refused is null ? pending.Accepted : memory with { Pending = null }, context.Now);
        return new ControllerPlan(AutoscalerPlanner.LooksSame(autoscaler.Status, status) ? [] : [Commands(self, context).Status(status)], left);
    }

    private static ControllerCommands Commands(KubeObject self, PlanContext context) => new(self, By(self), context.Cause);

    private static string By(KubeObject self) => $"horizontalpodautoscaler:{self.Namespace}/{self.Name}";
}
