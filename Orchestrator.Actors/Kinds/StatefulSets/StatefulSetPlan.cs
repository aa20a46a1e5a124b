using k8s.Models;

namespace Orchestrator.Actors.Kinds.StatefulSets;

/// <summary>A pod to create.</summary>
/// <param name="Ordinal">Its number.</param>
/// <param name="Revision">Name of the revision whose template it gets.</param>
internal sealed record PlannedStatefulPod(int Ordinal, string Revision);

/// <summary>Why a pod is deleted.</summary>
internal enum PodEnd
{
    /// <summary>There are fewer replicas now.</summary>
    ScaledDown,

    /// <summary>It has another template than it should.</summary>
    Updated,

    /// <summary>It failed, and is made again.</summary>
    Failed,

    /// <summary>It succeeded, and is made again.</summary>
    Succeeded,
}

/// <summary>The steps that bring a stateful set closer to its spec.</summary>
/// <param name="Create">Pods to create.</param>
/// <param name="Delete">Pods to delete.</param>
/// <param name="Status">The new status; null if it does not change.</param>
/// <param name="RecheckAfter">When time alone changes the plan.</param>
internal sealed record StatefulSetPlan(IReadOnlyList<PlannedStatefulPod> Create, IReadOnlyList<(StatefulPod Pod, PodEnd Why)> Delete, V1StatefulSetStatus? Status, TimeSpan? RecheckAfter);

/// <summary>The revisions between which a stateful set rolls.</summary>
/// <param name="Current">Name of the one that all pods had last.</param>
/// <param name="Update">Name of that of the present template.</param>
internal sealed record StatefulRevisions(string Current, string Update);
