using System.Collections.Immutable;
using System.Text.Json.Nodes;
using Orchestrator.Actors.Api;
using Orchestrator.Actors.Entities;
using Orchestrator.Actors.Feed;
using Orchestrator.Actors.Journal;
using Orchestrator.Actors.Kinds.Jobs;
using Orchestrator.Actors.Reconcile;
using Orchestrator.Actors.Resources;
using Orchestrator.Actors.Workloads;
using k8s.Models;

namespace Orchestrator.Actors.Kinds.CronJobs;

/// <summary>Turns the plan of <see cref="CronJobPlanner"/> into commands to jobs and to the cron job itself.</summary>
public sealed class CronJobController : IController
{
    private const string Component = "cronjob-controller";

    /// <inheritdoc/>
    public ResourceDefinition Kind => CronJobDefinition.Instance;

    /// <inheritdoc/>
    public ControllerPlan Plan(KubeObject self, IClusterView view, PlanContext context)
    {
        var jobs = view.Indexed(IndexKey.Owner(self.Uid)).Where(o => o.Kind == JobDefinition.Instance && o.Controller?.Uid == self.Uid).Select(o => o.As<V1Job>()).ToList();
        var plan = CronJobPlanner.Plan(self.As<V1CronJob>(), jobs, name => view.Find(KeyOf(self, name)) is not null, context.Now);

        var by = $"cronjob:{self.Namespace}/{self.Name}";
        var own = new ControllerCommands(self, by, context.Cause);
        var commands = ImmutableArray.CreateBuilder<ObjectCommand>();
        var events = ImmutableArray.CreateBuilder<PlannedEvent>();
        foreach (var job in plan.Delete)
        {
            var key = KeyOf(self, job.Metadata.Name);
            commands.Add(new DeleteObject(key, by, context.Cause, ExpectedUid: job.Metadata.Uid));
            events.Add(new PlannedEvent(key, new RecordedEvent("Normal", "SuccessfulDelete", $"Deleted job {key.Name}", Component)));
        }

        if (plan.Create is { } created)
        {
            var key = KeyOf(self, created.Metadata.Name);
            commands.Add(new CreateObject(key, (JsonObject)Models.ToNode(created), by, context.Cause));
            events.Add(new PlannedEvent(key, new RecordedEvent("Normal", "SuccessfulCreate", $"Created job {key.Name}", Component)));
        }

        if (plan.Status is not null)
        {
            commands.Add(own.Status(plan.Status) with { ExpectedRevision = self.Revision });
            events.AddRange(plan.Events.Select(e => new PlannedEvent(self.Key, Recorded(e))));
        }

        return new ControllerPlan(commands.ToImmutable(), plan.RecheckAfter)
        {
            PlannedEvents = events.ToImmutable(),
            Findings = [.. plan.Findings.Select(f => new Finding($"{f.Reason}/{f.Of}", Recorded(f), by))],
        };
    }

    /// <inheritdoc/>
    public RecordedEvent? EventFor(RejectedCommand rejected) => rejected.Command switch
    {
        CreateObject => new RecordedEvent("Warning", "FailedCreate", $"Error creating job: {rejected.Error.Message}", Component),
        DeleteObject => new RecordedEvent("Warning", "FailedDelete", $"Deleted job: {rejected.Error.Message}", Component),
        _ => null,
    };

    private static ObjectKey KeyOf(KubeObject self, string job) => JobDefinition.Instance.Key(self.Namespace, job);

    private static RecordedEvent Recorded(CronJobEvent e) => new(e.Type, e.Reason, e.Message, Component);
}
