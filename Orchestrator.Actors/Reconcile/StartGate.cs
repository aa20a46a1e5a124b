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
    private const string Component = "start-gate";

    /// <inheritdoc/>
    public ResourceDefinition Kind => inner.Kind;

    /// <inheritdoc/>
    public ImmutableArray<WakeRule> WokenBy { get; } = [.. inner.WokenBy, Naming.By(inner.Kind, k => k.Completion is not null, (o, view) => !HasStarted(o, view))];

    /// <inheritdoc/>
    public ControllerPlan Plan(KubeObject self, IClusterView view, PlanContext context)
    {
        if (self.IsDeleting || HasStarted(self, view))
        {
            return inner.Plan(self, view, context);
        }

        var (after, said) = (Targets(self, view), Said(self));
        if (IsOpen(said) || (after.Count == 0 && said is null))
        {
            return inner.Plan(self, view, context);
        }

        var succeeded = StartAfter.Succeeded(self.ToNode());
        StartTarget? Find(ObjectKey key) => Target(key, view, succeeded);
        if (StartOrder.Wait(self.Key, after, Find) is not { } wait)
        {
            var opened = after.Count == 0 ? "it waits for nothing any more" : $"{string.Join(", ", after.Select(StartAfter.Text))} {(after.Count == 1 ? "is" : "are")} complete";
            return Say(self, context, "gate-opened", ("False", "TargetsReady", "May start"), [], [new RecordedEvent("Normal", "StartGateOpened", $"Starts: {opened}", Component)]);
        }

        // What has succeeded may be deleted while others are waited for.
        var noted = after.Where(k => Find(k) is { Completion: Completion.Complete, IsFinal: true }).ToList();
        var isSaid = (string?)said?["message"] == wait.Message;
        return isSaid && noted.All(succeeded.Contains) ? ControllerPlan.Nothing
            : Say(self, context, "start-gated", ("True", wait.Reason, wait.Message), noted,
                isSaid ? [] : [new RecordedEvent(wait.NeedsHelp ? "Warning" : "Normal", wait.Reason, wait.Message, Component)]);
    }

    /// <inheritdoc/>
    public RecordedEvent? EventFor(RejectedCommand rejected) => inner.EventFor(rejected);

    private static StartTarget? Target(ObjectKey key, IClusterView view, IReadOnlyList<ObjectKey> succeeded) => view.Find(key) is { } target
        ? new StartTarget(target.Kind.Completion!(target), HasStarted(target, view) || IsOpen(Said(target)) ? [] : Targets(target, view), target.Kind.CompletesForGood)
        : succeeded.Contains(key) ? new StartTarget(Completion.Complete, [], IsFinal: true) : null;

    private static IReadOnlyList<ObjectKey> Targets(KubeObject workload, IClusterView view) =>
        workload.References.IsEmpty ? [] : [.. workload.References.Where(r => view.Registry.ByResource(r.Resource)?.Completion is not null)];

    // Its controller has looked at it before, or it has what controllers make: also a job that ended and whose pods are gone.
    private static bool HasStarted(KubeObject self, IClusterView view) =>
        view.Indexed(IndexKey.Owner(self.Uid)).Count > 0 || self.ToNode()["status"] is JsonObject status && (status.ContainsKey("observedGeneration") || status.ContainsKey("startTime"));

    private static JsonNode? Said(KubeObject self) => (self.ToNode()["status"]?["conditions"] as JsonArray)?.FirstOrDefault(c => (string?)c?["type"] == StartAfter.Condition);

    private static bool IsOpen(JsonNode? said) => (string?)said?["status"] == "False";

    private static ControllerPlan Say(
        KubeObject self, PlanContext context, string verb, (string Status, string Reason, string Message) condition, IReadOnlyList<ObjectKey> succeeded, ImmutableArray<RecordedEvent> told)
    {
        var patch = new JsonObject
        {
            ["status"] = new JsonObject
            {
                ["conditions"] = new JsonArray(new JsonObject
                {
                    ["type"] = StartAfter.Condition,
                    ["status"] = condition.Status,
                    ["reason"] = condition.Reason,
                    ["message"] = condition.Message,
                    ["lastTransitionTime"] = KubeTime.Text(context.Now),
                }),
            },
        };
        if (succeeded.Count > 0 || StartAfter.Succeeded(self.ToNode()).Count > 0)
        {
            var text = succeeded.Count == 0 ? null : string.Join(", ", succeeded.Select(StartAfter.Text));
            patch["metadata"] = new JsonObject { ["annotations"] = new JsonObject { [StartAfter.SucceededAnnotation] = text } };
        }

        return new ControllerPlan([new MergeObject(self.Key, self.Uid, patch, verb, $"start-gate:{self.Namespace}/{self.Name}", context.Cause, RecordedEvents: told)], null);
    }
}
