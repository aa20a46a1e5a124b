using System.Collections.Immutable;
using System.Text.Json.Nodes;
using Orchestrator.Actors.Api;
using Orchestrator.Actors.Entities;
using Orchestrator.Actors.Feed;
using Orchestrator.Actors.Kinds.Jobs;
using Orchestrator.Actors.Kinds.Pods;
using Orchestrator.Actors.Reconcile;
using Orchestrator.Actors.Resources;
using k8s.Models;

namespace Orchestrator.Tests.Simulation;

/// <summary>Worlds whose users want jobs too.</summary>
internal class WithJobs : Parts
{
    public override bool HasJobs => true;
}

/// <summary>What must hold for jobs: each pod counts once, and a job that ended stays as it is.</summary>
internal sealed class JobInvariants(World world)
{
    private readonly Dictionary<string, HashSet<string>> _created = [];
    private readonly Dictionary<string, HashSet<string>> _succeeded = [];
    private readonly Dictionary<string, HashSet<string>> _deletedMeanwhile = [];

    /// <summary>An event was stored.</summary>
    public void Stored(KubeObject? before, KubeObject? after)
    {
        if (after?.Kind == PodDefinition.Instance && after.Controller is { Kind: "Job" } owner)
        {
            Of(_created, owner.Uid).Add(after.Uid);
            if (after.Phase == "Succeeded" && before?.Phase != "Succeeded" && after.Finalizers.Contains(JobDefinition.Instance.TrackingFinalizer!)
                && world.Journal.Objects.Values.FirstOrDefault(o => o.Uid == owner.Uid) is { } job && JobConditions.End(job.As<V1Job>()) is null)
            {
                // One that was being deleted may count as failed.
                Of(after.IsDeleting ? _deletedMeanwhile : _succeeded, owner.Uid).Add(after.Uid);
            }
        }
        else if (after?.Kind == JobDefinition.Instance)
        {
            Job(before, after);
        }
    }

    private void Job(KubeObject? before, KubeObject after)
    {
        var (job, former) = (after.As<V1Job>(), before?.Uid == after.Uid ? before.As<V1Job>() : null);
        var (succeeded, failed, created) = (job.Status?.Succeeded ?? 0, job.Status?.Failed ?? 0, Of(_created, after.Uid).Count);
        if (succeeded < (former?.Status?.Succeeded ?? 0) || failed < (former?.Status?.Failed ?? 0))
        {
            throw new SimulationViolation($"{after.Key} counts {succeeded} succeeded and {failed} failed pods, and had counted more");
        }

        if (succeeded + failed > created)
        {
            throw new SimulationViolation($"{after.Key} counts {succeeded} succeeded and {failed} failed pods and made {created}");
        }

        if (JobConditions.End(job) is not { } end)
        {
            return;
        }

        if (former is not null && JobConditions.End(former) is { } known && (known.Type != end.Type || (former.Status.Succeeded, former.Status.Failed) != (job.Status!.Succeeded, job.Status.Failed)))
        {
            throw new SimulationViolation($"{after.Key} was {known.Type} and changes");
        }

        var (least, more) = (Of(_succeeded, after.Uid).Count, Of(_deletedMeanwhile, after.Uid).Count);
        if (succeeded < least || succeeded > least + more)
        {
            throw new SimulationViolation($"{after.Key} counts {succeeded} succeeded pods, and {least} did succeed, {more} while they were being deleted");
        }

        if (end.Type == JobConditions.Complete ? succeeded < job.Spec.Completions : failed <= job.Spec.BackoffLimit)
        {
            throw new SimulationViolation($"{after.Key} is {end.Type} with {succeeded} succeeded and {failed} failed pods");
        }
    }

    private static HashSet<string> Of(Dictionary<string, HashSet<string>> sets, string job)
    {
        if (!sets.TryGetValue(job, out var set))
        {
            sets[job] = set = [];
        }

        return set;
    }
}

/// <summary>A job that lets a pod go before its status tells of it.</summary>
internal sealed class UntracksTooEarly : WithJobs
{
    private readonly Dictionary<string, IController> _controllers;

    public UntracksTooEarly()
    {
        _controllers = new Dictionary<string, IController>(base.Controllers);
        var job = JobDefinition.Instance.Resource;
        _controllers[job] = new Hasty(_controllers[job]);
    }

    public override IReadOnlyDictionary<string, IController> Controllers => _controllers;

    private sealed class Hasty(IController controller) : IController
    {
        public ResourceDefinition Kind => controller.Kind;

        public ImmutableArray<WakeRule> WokenBy => controller.WokenBy;

        public ControllerPlan Plan(KubeObject self, IClusterView view, PlanContext context)
        {
            var plan = controller.Plan(self, view, context);
            var ended = view.Indexed(IndexKey.Owner(self.Uid)).Where(p => p.Phase == "Succeeded" && !p.Finalizers.IsEmpty);
            return plan with { Commands = [.. plan.Commands, .. ended.Select(p => new MergeObject(p.Key, p.Uid, new JsonObject { ["metadata"] = new JsonObject { ["finalizers"] = null } }, "finalized", "hasty"))] };
        }
    }
}
