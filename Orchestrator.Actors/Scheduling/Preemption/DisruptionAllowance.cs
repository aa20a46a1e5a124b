using k8s.Models;
using Orchestrator.Actors.Kinds.PodDisruptionBudgets;

namespace Orchestrator.Actors.Scheduling.Preemption;

/// <summary>How many more pods may go by the disruption budgets, while victims are chosen. Not thread-safe.</summary>
/// <param name="budgets">Returns the disruption budgets of a namespace.</param>
internal sealed class DisruptionAllowance(Func<string, IEnumerable<V1PodDisruptionBudget>> budgets)
{
    private readonly Dictionary<string, IReadOnlyList<V1PodDisruptionBudget>> _budgets = [];
    private readonly Dictionary<V1PodDisruptionBudget, int> _taken = [];

    /// <summary>Returns the uids of the pods that a budget does not let go, if all were to go in this order.</summary>
    public HashSet<string> Violating(IEnumerable<PodInfo> pods)
    {
        var taken = new Dictionary<V1PodDisruptionBudget, int>();
        return [.. pods.Where(pod => Of(pod).Count(b => (taken[b] = taken.GetValueOrDefault(b) + 1) > Allowed(b)) > 0).Select(p => p.Uid)];
    }

    /// <summary>Counts pods that go.</summary>
    public void Take(IEnumerable<PodInfo> pods)
    {
        foreach (var budget in pods.SelectMany(Of))
        {
            _taken[budget] = _taken.GetValueOrDefault(budget) + 1;
        }
    }

    private int Allowed(V1PodDisruptionBudget budget) => (budget.Status?.DisruptionsAllowed ?? 0) - _taken.GetValueOrDefault(budget);

    // A pod that the budget let go already is not counted twice.
    private IEnumerable<V1PodDisruptionBudget> Of(PodInfo pod)
    {
        if (!_budgets.TryGetValue(pod.Namespace, out var all))
        {
            _budgets[pod.Namespace] = all = [.. budgets(pod.Namespace)];
        }

        return all.Where(b => b.Status?.DisruptedPods?.ContainsKey(pod.Name) != true && DisruptionBudgetPlanner.Selects(b, pod.Labels));
    }
}
