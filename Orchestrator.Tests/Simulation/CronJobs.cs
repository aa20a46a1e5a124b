using System.Collections.Immutable;
using System.Text.Json.Nodes;
using Orchestrator.Actors.Api;
using Orchestrator.Actors.Entities;
using Orchestrator.Actors.Feed;
using Orchestrator.Actors.Kinds.CronJobs;
using Orchestrator.Actors.Kinds.Jobs;
using Orchestrator.Actors.Reconcile;
using Orchestrator.Actors.Resources;
using k8s.Models;

namespace Orchestrator.Tests.Simulation;

/// <summary>Worlds whose users want cron jobs too.</summary>
internal class WithCronJobs : Parts
{
    private static readonly TimeSpan Enough = TimeSpan.FromMinutes(5);
    private readonly HashSet<(string CronJob, string Name)> _made = [];

    public override bool HasCronJobs => true;

    /// <summary>There is one job for each time, and one at a time where the cron job says so.</summary>
    public override void Stored(World world, StoredEvent stored)
    {
        if (stored is not { Before: null, After: { } job } || job.Kind != JobDefinition.Instance || job.Controller is not { Kind: "CronJob" } owner)
        {
            return;
        }

        if (!_made.Add((owner.Uid, job.Name)))
        {
            throw new SimulationViolation($"{job.Key} is made for the second time");
        }
    }

    /// <summary>Returns what a cron job lacks; null if nothing.</summary>
    public static string? Lacks(World world, KubeObject o)
    {
        var cron = o.As<V1CronJob>();
        var jobs = world.Journal.Of(JobDefinition.Instance).Where(j => j.Controller?.Uid == o.Uid).Select(j => j.As<V1Job>()).ToList();
        var now = world.Time.GetUtcNow();
        var step = int.Parse(cron.Spec.Schedule.Split(' ')[0][2..], System.Globalization.CultureInfo.InvariantCulture);
        var due = new DateTimeOffset(now.Year, now.Month, now.Day, now.Hour, now.Minute / step * step, 0, TimeSpan.Zero);
        var active = jobs.Count(j => JobConditions.End(j) is null);
        return world.Time.Now < Enough ? "few times have passed"
            : Finished(JobConditions.Complete) > (cron.Spec.SuccessfulJobsHistoryLimit ?? 3) ? $"{o.Key} keeps too many jobs that succeeded"
            : Finished(JobConditions.Failed) > (cron.Spec.FailedJobsHistoryLimit ?? 1) ? $"{o.Key} keeps too many jobs that failed"
            : cron.Spec.ConcurrencyPolicy != "Allow" && active > 1 ? $"{o.Key} has {active} jobs at a time"
            : (cron.Status?.Active?.Count ?? 0) != active ? $"{o.Key} shows {cron.Status?.Active?.Count ?? 0} active jobs and has {active}"
            : cron.Spec.Suspend != true && due.UtcDateTime > cron.Metadata.CreationTimestamp && (cron.Status?.LastScheduleTime is not { } last || last < due.UtcDateTime) ? $"{o.Key} missed {due}"
            : null;

        int Finished(string end) => jobs.Count(j => JobConditions.End(j)?.Type == end);
    }
}

/// <summary>A bug: cron jobs do not remember for which times they have made a job, and delete each that ended.</summary>
internal sealed class ForgetsTimes : WithCronJobs
{
    private readonly Dictionary<string, IController> _controllers;

    public ForgetsTimes()
    {
        _controllers = new Dictionary<string, IController>(base.Controllers);
        var cron = CronJobDefinition.Instance.Resource;
        _controllers[cron] = new Forgetful(_controllers[cron]);
    }

    public override IReadOnlyDictionary<string, IController> Controllers => _controllers;

    private sealed class Forgetful(IController controller) : IController
    {
        public ResourceDefinition Kind => controller.Kind;

        public ImmutableArray<WakeRule> WokenBy => controller.WokenBy;

        public ControllerPlan Plan(KubeObject self, IClusterView view, PlanContext context)
        {
            var o = self.ToNode();
            (o["status"] as JsonObject)?.Remove("lastScheduleTime");
            var plan = controller.Plan(KubeObject.From(self.Kind, o), view, context);
            var ended = view.Indexed(IndexKey.Owner(self.Uid)).Where(j => j.Kind == JobDefinition.Instance && JobConditions.End(j.As<V1Job>()) is not null);
            return plan with { Commands = [.. plan.Commands, .. ended.Select(j => new DeleteObject(j.Key, "forgetful"))] };
        }
    }
}
