using k8s.Models;

namespace Orchestrator.Actors.Scheduling.Preemption;

/// <summary>What decides between pods that may have to go.</summary>
/// <param name="StartedAt">Returns when a pod began to run; null if it does not run.</param>
/// <param name="Budgets">Returns the disruption budgets of a namespace.</param>
internal sealed record VictimFacts(Func<PodInfo, DateTime?> StartedAt, Func<string, IEnumerable<V1PodDisruptionBudget>> Budgets);
