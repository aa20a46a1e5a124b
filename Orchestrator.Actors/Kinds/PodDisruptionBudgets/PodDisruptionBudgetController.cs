using System.Collections.Immutable;
using Orchestrator.Actors.Api;
using Orchestrator.Actors.Feed;
using Orchestrator.Actors.Journal;
using Orchestrator.Actors.Kinds.Pods;
using Orchestrator.Actors.Reconcile;
using Orchestrator.Actors.Resources;
using Orchestrator.Actors.Workloads;
using k8s.Models;

namespace Orchestrator.Actors.Kinds.PodDisruptionBudgets;

/// <summary>Keeps the status of budgets: how many of their pods may be evicted now.</summary>
public sealed class PodDisruptionBudgetController : IController
{
    private const string Component = "controllermanager";

    /// <inheritdoc/>
    public ResourceDefinition Kind => PodDisruptionBudgetDefinition.Instance;

    /// <inheritdoc/>
    public ImmutableArray<WakeRule> WokenBy =>
    [
        // A pod, or a workload whose size counts: the budgets of its namespace.
        new(o => o.Kind == PodDefinition.Instance || (o.Namespace.Length > 0 && o.Kind.Subresources.Contains("scale")) ? new(o.Namespace, "") : null,
            (concern, view) => view.All(PodDisruptionBudgetDefinition.Instance, concern.Namespace).Select(b => b.Key)),
    ];

    /// <inheritdoc/>
    public ControllerPlan Plan(KubeObject self, IClusterView view, PlanContext context)
    {
        if (self.IsDeleting)
        {
            return ControllerPlan.Nothing;
        }

        var budget = self.As<V1PodDisruptionBudget>();
        List<PodOutline> pods = [.. view.All(PodDefinition.Instance, self.Namespace).Where(p => DisruptionBudgetPlanner.Selects(budget, p.Labels)).Select(PodOutline.Of)];
        var expected = Expected(pods, view);
        var (status, recheck) = DisruptionBudgetPlanner.Plan(budget, pods, expected, context.Now);
        if (status is null)
        {
            return new ControllerPlan([], recheck);
        }

        // Evictions count the status down: a plan that has not seen the last one must not count it up again.
        var command = new ControllerCommands(self, $"poddisruptionbudget:{self.Namespace}/{self.Name}", context.Cause).Status(status) with { ExpectedRevision = self.Revision };
        var failed = status.Conditions[^1].Reason == "SyncFailed" && budget.Status?.Conditions?.Any(c => c.Reason == "SyncFailed") != true;
        return new ControllerPlan([command], recheck)
        {
            PlannedEvents = failed ? [new PlannedEvent(self.Key, new RecordedEvent("Warning", "CalculateExpectedPodCountFailed", $"Failed to calculate the number of expected pods: {expected.Problem}", Component))] : [],
        };
    }

    // The replicas of the workloads at the top: of the deployment, not of its replica set.
    private static ExpectedPods Expected(IEnumerable<PodOutline> pods, IClusterView view)
    {
        var tops = new Dictionary<string, int>(StringComparer.Ordinal);
        foreach (var controller in pods.Select(p => p.Object.Controller?.Uid).OfType<string>().Distinct(StringComparer.Ordinal))
        {
            if (view.ByUid(controller) is not { } top)
            {
                continue; // Gone; its pods go too.
            }

            while (top.Controller is { } above && view.ByUid(above.Uid) is { } next && next.Kind.Subresources.Contains("scale"))
            {
                top = next;
            }

            if (!top.Kind.Subresources.Contains("scale"))
            {
                return new ExpectedPods(0, $"{top.Kind.Resource} does not implement the scale subresource");
            }

            tops[top.Uid] = Scale.Of(top).Replicas;
        }

        return new ExpectedPods(tops.Values.Sum(), null);
    }
}
