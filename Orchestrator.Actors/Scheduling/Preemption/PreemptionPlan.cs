namespace Orchestrator.Actors.Scheduling.Preemption;

/// <summary>A node that is freed for a pod of higher priority.</summary>
/// <param name="Pod">The pod.</param>
/// <param name="Node">The node.</param>
/// <param name="Victims">The pods that have to go; none if it is enough that others are on their way out already.</param>
internal sealed record PreemptionPlan(PodInfo Pod, string Node, IReadOnlyList<PodInfo> Victims);
