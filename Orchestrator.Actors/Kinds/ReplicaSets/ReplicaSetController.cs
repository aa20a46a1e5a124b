using System.Collections.Immutable;
using System.Text.Json.Nodes;
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
public class ReplicaSetController : IController
{
    private readonly string _name;
    private readonly string _component;

    /// <summary>Creates the controller of replica sets.</summary>
    public ReplicaSetController()
        : this(ReplicaSetDefinition.Instance, "replicaset-controller")
    {
    }

    /// <summary>Creates the controller of a kind that differs from a replica set in its form only.</summary>
    /// <param name="kind">The kind.</param>
    /// <param name="component">Name of the controller in events.</param>
    protected ReplicaSetController(ResourceDefinition kind, string component) => (Kind, _name, _component) = (kind, kind.Kind.ToLowerInvariant(), component);

    /// <inheritdoc/>
    public ResourceDefinition Kind { get; }

    /// <inheritdoc/>
    public ImmutableArray<WakeRule> WokenBy =>
    [
        // A pod without a controller: any replica set of its namespace may adopt it.
        Adoption.By(Kind, PodDefinition.Instance),
    ];

    /// <inheritdoc/>
    public ControllerPlan Plan(KubeObject self, IClusterView view, PlanContext context)
    {
        var rs = Read(self);
        var pods = Adoption.Candidates(self, view, PodDefinition.Instance)
            .Select(PodOutline.Of)
            .ToList();
        var plan = ReplicaSetPlanner.Plan(rs, pods, context.Now, ReplicaFailure.Of(context.RejectedCommands), ShowsTerminating);
        var (template, isAdmitted) = (new JsonObject(), true);
        if (self.IsDeleting)
        {
            plan = plan with { CreateCount = 0, Delete = [] };
        }
        else if (plan.CreateCount > 0)
        {
            // Admission runs once for all pods of the plan. If it refuses, one is sent nevertheless, so that its entity tells the reason.
            (template, var error) = TemplatedPods.Admit(TemplatedPods.NewPod(Kind, rs.Metadata, rs.Spec.Template), view);
            isAdmitted = error is null;
            plan = isAdmitted ? plan : plan with { CreateCount = 1 };
        }

        var by = $"{_name}:{self.Namespace}/{self.Name}";
        var own = new ControllerCommands(self, by, context.Cause);
        var commands = ImmutableArray.CreateBuilder<ObjectCommand>();
        var plannedEvents = ImmutableArray.CreateBuilder<PlannedEvent>();
        for (var i = 0; i < plan.CreateCount; i++)
        {
            var name = $"{self.Name}-{context.NewSuffix()}";
            var key = PodDefinition.Instance.Key(self.Namespace, name);
            commands.Add(new CreateObject(key, template, by, context.Cause) { IsAdmitted = isAdmitted });
            plannedEvents.Add(new PlannedEvent(key, new RecordedEvent("Normal", "SuccessfulCreate", $"Created pod: {name}", _component)));
        }

        foreach (var pod in plan.Delete)
        {
            commands.Add(new DeleteObject(pod.Object.Key, by, context.Cause, ExpectedUid: pod.Object.Uid));
            plannedEvents.Add(new PlannedEvent(pod.Object.Key, new RecordedEvent("Normal", "SuccessfulDelete", $"Deleted pod: {pod.Object.Name}", _component)));
        }

        commands.AddRange(plan.Adopt.Select(pod => own.Adopt(pod.Object)));
        commands.AddRange(plan.Release.Select(pod => own.Release(pod.Object)));

        if (plan.Status is not null)
        {
            commands.Add(own.Status(Status(plan.Status)));
        }

        return new ControllerPlan(commands.ToImmutable(), plan.RecheckAfter) { PlannedEvents = plannedEvents.ToImmutable(), EventsVerb = "scaled" };
    }

    /// <inheritdoc/>
    public RecordedEvent? EventFor(RejectedCommand rejected) => rejected.Command switch
    {
        CreateObject => new RecordedEvent("Warning", "FailedCreate", $"Error creating: {rejected.Error.Message}", _component),
        DeleteObject => new RecordedEvent("Warning", "FailedDelete", $"Error deleting: {rejected.Error.Message}", _component),
        _ => null,
    };

    /// <summary>Whether the kind's status has the number of pods that are being deleted. What it lacks must not be planned: it would differ for ever.</summary>
    protected virtual bool ShowsTerminating => true;

    /// <summary>Returns the object as a replica set.</summary>
    protected virtual V1ReplicaSet Read(KubeObject self) => self.As<V1ReplicaSet>();

    /// <summary>Returns the status in the kind's form.</summary>
    protected virtual object Status(V1ReplicaSetStatus status) => status;
}
