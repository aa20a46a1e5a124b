using System.Collections.Immutable;
using System.Text.Json.Nodes;
using Orchestrator.Actors.Api;
using Orchestrator.Actors.Entities;
using Orchestrator.Actors.Feed;
using Orchestrator.Actors.Journal;
using Orchestrator.Actors.Resources;
using Orchestrator.Actors.Workloads;

namespace Orchestrator.Actors.Reconcile;

/// <summary>Keeps a workload from its controller until the others that it starts after (<see cref="StartAfter"/>) are complete. It is passed once: what has
/// started is not stopped, and its pods are replaced, whatever becomes of the others.</summary>
/// <param name="inner">The controller of the kind.</param>
public sealed class StartGate(IController inner) : IController
{
    /// <summary>Condition: True while the workload waits, False once it may start.</summary>
    public const string Condition = "StartGated";

    private const string Component = "start-gate";

    /// <inheritdoc/>
    public ResourceDefinition Kind => inner.Kind;

    /// <inheritdoc/>
    public ImmutableArray<WakeRule> WokenBy { get; } = [.. inner.WokenBy, Naming.By(inner.Kind, k => k.Completion is not null)];

    /// <inheritdoc/>
    public ControllerPlan Plan(KubeObject self, IClusterView view, PlanContext context)
    {
        var after = Targets(self, view);
        if (self.IsDeleting || (after.Count == 0 && !HasCondition(self)) || HasStarted(self, view))
        {
            return inner.Plan(self, view, context);
        }

        var said = (self.ToNode()["status"]?["conditions"] as JsonArray)?.FirstOrDefault(c => (string?)c?["type"] == Condition);
        var wait = (string?)said?["status"] == "False" ? null : StartOrder.Judge(self.Key, after, key => Target(key, view));
        if (wait is not null)
        {
            return (string?)said?["message"] == wait.Message ? ControllerPlan.Nothing
                : Say(self, context, "True", wait.Reason, wait.Message, new RecordedEvent(wait.NeedsHelp ? "Warning" : "Normal", wait.Reason, wait.Message, Component));
        }

        return (string?)said?["status"] == "False" ? inner.Plan(self, view, context)
            : Say(self, context, "False", "TargetsReady", "May start", new RecordedEvent("Normal", "StartGateOpened", $"Starts: {Opened(after)}", Component));
    }

    /// <inheritdoc/>
    public RecordedEvent? EventFor(RejectedCommand rejected) => inner.EventFor(rejected);

    private static string Opened(IReadOnlyList<ObjectKey> after) => after.Count == 0 ? "it waits for nothing any more" : $"{string.Join(", ", after.Select(StartAfter.Text))} {(after.Count == 1 ? "is" : "are")} complete";

    private static StartTarget? Target(ObjectKey key, IClusterView view) =>
        view.Find(key) is { } target ? new StartTarget(target.Kind.Completion!(target), Targets(target, view)) : null;

    private static IReadOnlyList<ObjectKey> Targets(KubeObject workload, IClusterView view) =>
        workload.References.IsEmpty ? [] : [.. workload.References.Where(r => view.Registry.ByResource(r.Resource)?.Completion is not null)];

    // Also a job that ended and whose pods are gone.
    private static bool HasStarted(KubeObject self, IClusterView view) => view.Indexed(IndexKey.Owner(self.Uid)).Count > 0 || self.Kind.Completion!(self) != Completion.Incomplete;

    private static bool HasCondition(KubeObject self) => self.Json.Span.IndexOf("\"StartGated\""u8) >= 0;

    private static ControllerPlan Say(KubeObject self, PlanContext context, string status, string reason, string message, RecordedEvent told)
    {
        var condition = new JsonObject
        {
            ["type"] = Condition,
            ["status"] = status,
            ["reason"] = reason,
            ["message"] = message,
            ["lastTransitionTime"] = KubeTime.Text(context.Now),
        };
        var patch = new JsonObject { ["status"] = new JsonObject { ["conditions"] = new JsonArray(condition) } };
        return new ControllerPlan([new MergeObject(self.Key, self.Uid, patch, "start-gated", $"start-gate:{self.Namespace}/{self.Name}", context.Cause, RecordedEvents: [told])], null);
    }
}
