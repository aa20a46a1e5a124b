using System.Collections.Immutable;
using Orchestrator.Actors.Api;
using Orchestrator.Actors.Entities;
using Orchestrator.Actors.Feed;
using Orchestrator.Actors.Journal;
using Orchestrator.Actors.Kinds.Pods;
using Orchestrator.Actors.Reconcile;
using Orchestrator.Actors.Resources;
using Orchestrator.Actors.Workloads;
using k8s.Models;

namespace Orchestrator.Actors.Kinds.Jobs;

/// <summary>Turns the plan of <see cref="JobPlanner"/> into commands to pods and to the job itself.</summary>
public sealed class JobController : IController
{
    private const string Component = "job-controller";

    /// <inheritdoc/>
    public ResourceDefinition Kind => JobDefinition.Instance;

    /// <inheritdoc/>
    public ImmutableArray<WakeRule> WokenBy =>
    [
        // A pod without a controller: the job of its namespace that selects it may adopt it.
        new(o => o.Kind == PodDefinition.Instance && o.Controller is null ? new(o.Namespace, o.Name) : null,
            (concern, view) => view.Find(PodDefinition.Instance.Key(concern.Namespace, concern.Name)) is { Controller: null, IsDeleting: false } pod
                ? view.All(JobDefinition.Instance, concern.Namespace).Where(j => ControllerRefs.Matches(j.As<V1Job>().Spec.Selector, pod.Labels)).Select(j => j.Key)
                : []),
    ];

    /// <inheritdoc/>
    public ControllerPlan Plan(KubeObject self, IClusterView view, PlanContext context)
    {
        var job = self.As<V1Job>();
        if (job.Spec.Selector is null)
        {
            return ControllerPlan.Nothing; // Stored before selectors were generated: it would not know its pods again.
        }

        // A job that ended adopts nothing.
        var pods = view.Indexed(IndexKey.Owner(self.Uid))
            .Concat(JobConditions.End(job) is null ? view.Indexed(IndexKey.Orphans(PodDefinition.Instance, self.Namespace)) : [])
            .Where(o => o.Kind == PodDefinition.Instance)
            .DistinctBy(o => o.Name)
            .Select(PodOutline.Of)
            .ToList();
        var plan = JobPlanner.Plan(job, pods, context.Now);

        var by = $"job:{self.Namespace}/{self.Name}";
        var own = new ControllerCommands(self, by, context.Cause);
        var commands = ImmutableArray.CreateBuilder<ObjectCommand>();
        var events = ImmutableArray.CreateBuilder<PlannedEvent>();
        foreach (var (key, pod, isAdmitted) in JobTemplate.NewPods(job, plan.Create, view, context.NewSuffix))
        {
            commands.Add(new CreateObject(key, pod, by, context.Cause) { IsAdmitted = isAdmitted });
            events.Add(Recorded(key, "Normal", "SuccessfulCreate", $"Created pod: {key.Name}"));
        }

        foreach (var pod in plan.Delete)
        {
            commands.Add(new DeleteObject(pod.Object.Key, by, context.Cause, ExpectedUid: pod.Object.Uid));
            events.Add(Recorded(pod.Object.Key, "Normal", "SuccessfulDelete", $"Deleted pod: {pod.Object.Name}"));
        }

        commands.AddRange(plan.Untrack.Select(pod => own.WithoutFinalizer(pod.Object, Kind.TrackingFinalizer!)));
        commands.AddRange(plan.Adopt.Select(pod => own.Adopt(pod.Object)));
        commands.AddRange(plan.Release.Select(pod => own.Release(pod.Object)));
        if (plan.Status is not null)
        {
            // The counters continue those of the version that was read, so no other may be in between.
            commands.Add(own.Status(plan.Status) with { ExpectedRevision = self.Revision });
            events.AddRange(plan.Events.Select(e => Recorded(self.Key, e.Type, e.Reason, e.Message)));
        }

        if (plan.IsExpired)
        {
            commands.Add(new DeleteObject(self.Key, by, context.Cause, Propagation: "Foreground", ExpectedUid: self.Uid));
        }

        return new ControllerPlan(commands.ToImmutable(), plan.RecheckAfter) { PlannedEvents = events.ToImmutable() };
    }

    /// <inheritdoc/>
    public RecordedEvent? EventFor(RejectedCommand rejected) => rejected.Command switch
    {
        CreateObject => new RecordedEvent("Warning", "FailedCreate", $"Error creating: {rejected.Error.Message}", Component),
        DeleteObject => new RecordedEvent("Warning", "FailedDelete", $"Error deleting: {rejected.Error.Message}", Component),
        _ => null,
    };

    private static PlannedEvent Recorded(ObjectKey of, string type, string reason, string message) => new(of, new RecordedEvent(type, reason, message, Component));
}
