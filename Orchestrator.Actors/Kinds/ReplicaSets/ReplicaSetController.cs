using System.Collections.Immutable;
using System.Text.Json.Nodes;
using Orchestrator.Actors.Admission;
using Orchestrator.Actors.Api;
using Orchestrator.Actors.Entities;
using Orchestrator.Actors.Feed;
using Orchestrator.Actors.Journal;
using Orchestrator.Actors.Kinds.Pods;
using Orchestrator.Actors.Reconcile;
using Orchestrator.Actors.Resources;
using Orchestrator.Actors.Workloads;
using k8s.Models;

namespace Orchestrator.Actors.Kinds.ReplicaSets;

/// <summary>Turns the plan of <see cref="ReplicaSetPlanner"/> into commands to pods and to the replica set itself.</summary>
public sealed class ReplicaSetController : IController
{
    private const string Component = "replicaset-controller";

    /// <inheritdoc/>
    public ResourceDefinition Kind => ReplicaSetDefinition.Instance;

    /// <inheritdoc/>
    public ImmutableArray<WakeRule> WokenBy =>
    [
        // A pod without a controller: any replica set of its namespace may adopt it.
        new(o => o.Kind == PodDefinition.Instance && o.Controller is null ? new(o.Namespace, "") : null,
            (concern, view) => view.Indexed(IndexKey.Adopters(ReplicaSetDefinition.Instance, concern.Namespace)).Select(rs => rs.Key)),
    ];

    /// <inheritdoc/>
    public ControllerPlan Plan(KubeObject self, IClusterView view, PlanContext context)
    {
        var rs = self.As<V1ReplicaSet>();
        var pods = view.Indexed(IndexKey.Owner(self.Uid))
            .Concat(view.Indexed(IndexKey.Orphans(PodDefinition.Instance, self.Namespace)))
            .Where(o => o.Kind == PodDefinition.Instance)
            .DistinctBy(o => o.Name)
            .Select(PodOutline.Of)
            .ToList();
        var plan = ReplicaSetPlanner.Plan(rs, pods, context.Now, ReplicaFailure.Of(context.RejectedCommands));
        JsonObject template = [];
        if (self.IsDeleting)
        {
            plan = plan with { CreateCount = 0, Delete = [] };
        }
        else if (plan.CreateCount > 0)
        {
            (template, var error) = Template(rs);
            if (error is not null)
            {
                plan = ReplicaSetPlanner.Plan(rs, pods, context.Now, new ReplicaFailure("FailedCreate", error.Message)) with { CreateCount = 0 };
            }
        }

        var by = $"replicaset:{self.Namespace}/{self.Name}";
        var own = new ControllerCommands(self, by, context.Cause);
        var commands = ImmutableArray.CreateBuilder<ObjectCommand>();
        var plannedEvents = ImmutableArray.CreateBuilder<PlannedEvent>();
        for (var i = 0; i < plan.CreateCount; i++)
        {
            var name = $"{self.Name}-{context.NewSuffix()}";
            var key = PodDefinition.Instance.Key(self.Namespace, name);
            commands.Add(new CreateObject(key, template, by, context.Cause) { IsAdmitted = true });
            plannedEvents.Add(new PlannedEvent(key, new RecordedEvent("Normal", "SuccessfulCreate", $"Created pod: {name}", Component)));
        }

        foreach (var pod in plan.Delete)
        {
            commands.Add(new DeleteObject(pod.Object.Key, by, context.Cause, ExpectedUid: pod.Object.Uid));
            plannedEvents.Add(new PlannedEvent(pod.Object.Key, new RecordedEvent("Normal", "SuccessfulDelete", $"Deleted pod: {pod.Object.Name}", Component)));
        }

        commands.AddRange(plan.Adopt.Select(pod => own.Adopt(pod.Object)));
        commands.AddRange(plan.Release.Select(pod => own.Release(pod.Object)));

        if (plan.Status is not null)
        {
            commands.Add(own.Status(plan.Status));
        }

        return new ControllerPlan(commands.ToImmutable(), plan.RecheckAfter) { PlannedEvents = plannedEvents.ToImmutable(), EventsVerb = "scaled" };
    }

    /// <inheritdoc/>
    public RecordedEvent? EventFor(RejectedCommand rejected) => rejected.Command switch
    {
        CreateObject => new RecordedEvent("Warning", "FailedCreate", $"Error creating: {rejected.Error.Message}", Component),
        DeleteObject => new RecordedEvent("Warning", "FailedDelete", $"Error deleting: {rejected.Error.Message}", Component),
        _ => null,
    };

    // Runs admission once for all pods of the plan. The commands share the object; entities copy it.
    private static (JsonObject Pod, ApiError? Error) Template(V1ReplicaSet rs)
    {
        var pod = (JsonObject)Models.ToNode(ReplicaSetPlanner.NewPod(rs));
        var error = Admitter.Create(PodDefinition.Instance, pod);
        JsonFilling.Unfold(pod);
        return (pod, error);
    }
}
