using System.Collections.Immutable;
using System.Globalization;
using System.Text.Json.Nodes;
using Orchestrator.Actors.Api;
using Orchestrator.Actors.Entities;
using Orchestrator.Actors.Feed;
using Orchestrator.Actors.Journal;
using Orchestrator.Actors.Kinds.ControllerRevisions;
using Orchestrator.Actors.Kinds.Nodes;
using Orchestrator.Actors.Kinds.Pods;
using Orchestrator.Actors.Reconcile;
using Orchestrator.Actors.Resources;
using Orchestrator.Actors.Workloads;
using k8s.Models;

namespace Orchestrator.Actors.Kinds.DaemonSets;

/// <summary>Turns the plan of <see cref="DaemonSetPlanner"/> into commands to pods, revisions and the daemon set itself.</summary>
public sealed class DaemonSetController : IController
{
    private const string Component = "daemonset-controller";

    /// <inheritdoc/>
    public ResourceDefinition Kind => DaemonSetDefinition.Instance;

    /// <inheritdoc/>
    public ImmutableArray<WakeRule> WokenBy =>
    [
        // A node: any daemon set may want a pod on it, or no longer.
        new(o => o.Kind == NodeDefinition.Instance ? new("", "") : null, (_, view) => view.All(DaemonSetDefinition.Instance).Select(d => d.Key)),

        // A pod without a controller: any daemon set of its namespace may adopt it.
        Adoption.By(DaemonSetDefinition.Instance, PodDefinition.Instance),
        Adoption.By(DaemonSetDefinition.Instance, ControllerRevisionDefinition.Instance),
    ];

    /// <inheritdoc/>
    public ControllerPlan Plan(KubeObject self, IClusterView view, PlanContext context)
    {
        var set = self.As<V1DaemonSet>();
        var by = $"daemonset:{self.Namespace}/{self.Name}";
        var own = new ControllerCommands(self, by, context.Cause);
        var keeper = new RevisionKeeper(self, new RevisedWorkload(Kind, set.Metadata, set.Spec.Template, set.Spec.RevisionHistoryLimit ?? 10, set.Status?.CollisionCount, DaemonPod.HashLabel), set.Spec.Selector, by, context);
        var (revisions, history, revising) = keeper.Plan(view);
        if (!self.IsDeleting && (revising.Length > 0 || history.Update is null))
        {
            return new ControllerPlan(revising, null);
        }

        var refs = ControllerRefs.Of(set.Metadata, set.Spec.Selector, Adoption.Candidates(self, view, PodDefinition.Instance)
            .Select(PodOutline.Of), p => p.Object);
        List<DaemonPod> pods = [.. refs.Owned.Concat(refs.Adopt).Select(DaemonPod.Of)];
        var hash = history.Update?.Object.Labels.GetValueOrDefault(DaemonPod.HashLabel, "") ?? "";
        var plan = DaemonSetPlanner.Plan(set, hash, view.All(NodeDefinition.Instance).Select(n => n.As<V1Node>()), pods, history.CollisionCount, context.Now);

        var commands = ImmutableArray.CreateBuilder<ObjectCommand>();
        var events = ImmutableArray.CreateBuilder<PlannedEvent>();
        if (plan.Create.Count > 0)
        {
            // What admission refuses is sent nevertheless, so that the entity's refusal is the event of the daemon set.
            var (template, error) = Template(set, hash, view);
            foreach (var pod in plan.Create)
            {
                var name = $"{self.Name}-{context.NewSuffix()}";
                var key = PodDefinition.Instance.Key(self.Namespace, name);
                commands.Add(new CreateObject(key, For(pod, template), by, context.Cause) { IsAdmitted = error is null });
                events.Add(new PlannedEvent(key, new RecordedEvent("Normal", "SuccessfulCreate", $"Created pod: {name}", Component)));
            }
        }

        foreach (var (pod, hasFailed) in plan.Delete)
        {
            commands.Add(new DeleteObject(pod.Outline.Object.Key, by, context.Cause, ExpectedUid: pod.Outline.Object.Uid));
            events.Add(new PlannedEvent(pod.Outline.Object.Key, hasFailed
                ? new RecordedEvent("Warning", "FailedDaemonPod", $"Found failed daemon pod {self.Namespace}/{pod.Name} on node {pod.Node}, will try to kill it", Component)
                : new RecordedEvent("Normal", "SuccessfulDelete", $"Deleted pod: {pod.Name}", Component)));
        }

        commands.AddRange(refs.Adopt.Select(pod => own.Adopt(pod.Object)));
        commands.AddRange(refs.Release.Select(pod => own.Release(pod.Object)));
        if (!self.IsDeleting)
        {
            var used = pods.Select(p => p.Hash).Append(hash).ToHashSet(StringComparer.Ordinal);
            commands.AddRange(keeper.DeleteOutdated(revisions, r => used.Contains(r.Object.Labels.GetValueOrDefault(DaemonPod.HashLabel, ""))));
        }

        if (plan.Status is not null)
        {
            commands.Add(own.Status(plan.Status));
        }

        return new ControllerPlan(commands.ToImmutable(), plan.RecheckAfter) { PlannedEvents = events.ToImmutable(), EventsVerb = "scaled" };
    }

    /// <inheritdoc/>
    public RecordedEvent? EventFor(RejectedCommand rejected) => rejected.Command switch
    {
        CreateObject create when create.Key.Resource == PodDefinition.Instance.Resource => new RecordedEvent("Warning", "FailedCreate", $"Error creating: {rejected.Error.Message}", Component),
        DeleteObject delete when delete.Key.Resource == PodDefinition.Instance.Resource => new RecordedEvent("Warning", "FailedDelete", $"Error deleting: {rejected.Error.Message}", Component),
        _ => null,
    };

    // Admission runs once for all pods of the plan; they differ in their node only.
    private static (JsonObject Pod, ApiError? Error) Template(V1DaemonSet set, string hash, IClusterView view)
    {
        var pod = TemplatedPods.NewPod(DaemonSetDefinition.Instance, set.Metadata, set.Spec.Template);
        pod.Metadata.Labels = new Dictionary<string, string>(pod.Metadata.Labels ?? new Dictionary<string, string>()) { [DaemonPod.HashLabel] = hash };
        pod.Spec.Tolerations = [.. DaemonPlacement.Tolerations(pod.Spec)];
        pod.Spec.Affinity = DaemonPlacement.AffinityTo("node", pod.Spec.Affinity);
        return TemplatedPods.Admit(pod, view);
    }

    private static JsonObject For(PlannedDaemonPod planned, JsonObject template)
    {
        var pod = (JsonObject)template.DeepClone();
        var terms = pod["spec"]!["affinity"]!["nodeAffinity"]!["requiredDuringSchedulingIgnoredDuringExecution"]!["nodeSelectorTerms"]!;
        terms[0]!["matchFields"]![0]!["values"] = new JsonArray(planned.Node);
        if (planned.Failures > 0)
        {
            var metadata = (JsonObject)pod["metadata"]!;
            JsonFilling.Child(metadata, "annotations")[DaemonPod.FailuresAnnotation] = planned.Failures.ToString(CultureInfo.InvariantCulture);
        }

        return pod;
    }
}
