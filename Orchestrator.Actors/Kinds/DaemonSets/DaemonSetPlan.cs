using k8s.Models;

namespace Orchestrator.Actors.Kinds.DaemonSets;

/// <summary>A pod to create.</summary>
/// <param name="Node">The node that it is for.</param>
/// <param name="Failures">See <see cref="DaemonPod.Failures"/>.</param>
internal sealed record PlannedDaemonPod(string Node, int Failures);

/// <summary>A pod to delete, and why.</summary>
/// <param name="Pod">The pod.</param>
/// <param name="HasFailed">Whether it is deleted because it failed, which is a warning.</param>
internal sealed record DaemonPodDeletion(DaemonPod Pod, bool HasFailed = false);

/// <summary>The steps that bring a daemon set closer to its spec.</summary>
/// <param name="Create">Pods to create, from the present template.</param>
/// <param name="Delete">Pods to delete.</param>
/// <param name="Status">The new status; null if it does not change.</param>
/// <param name="RecheckAfter">When time alone changes the plan.</param>
internal sealed record DaemonSetPlan(IReadOnlyList<PlannedDaemonPod> Create, IReadOnlyList<DaemonPodDeletion> Delete, V1DaemonSetStatus? Status, TimeSpan? RecheckAfter);
