using Orchestrator.Actors.Workloads;
using k8s.Models;

namespace Orchestrator.Actors.Kinds.ReplicaSets;

/// <summary>Compares a replica set with its pods. Level-triggered: the same input always gives the same plan.</summary>
internal static class ReplicaSetPlanner
{
    /// <summary>Maximum number of pods created or deleted by one plan.</summary>
    public const int Burst = 1_000;

    /// <param name="rs">The replica set.</param>
    /// <param name="pods">All pods of its namespace that match the selector or are owned.</param>
    /// <param name="now">Current time.</param>
    /// <param name="failure">Why the last creation or deletion was rejected; null if none was.</param>
    /// <param name="showsTerminating">Whether the kind's status has the number of pods that are being deleted.</param>
    /// <param name="related">Pods including those of sibling replica sets, to count pods per node. Default: <paramref name="pods"/>.</param>
    public static ReplicaSetPlan Plan(
        V1ReplicaSet rs, IReadOnlyList<PodOutline> pods, DateTimeOffset now, ReplicaFailure? failure = null, bool showsTerminating = true, IReadOnlyList<PodOutline>? related = null)
    {
        var refs = ControllerRefs.Of(rs.Metadata, rs.Spec.Selector, pods, p => p.Object);
        var mine = refs.Owned.Concat(refs.Adopt).Where(p => p.IsActive).ToList();
        var adopt = refs.Adopt.Where(p => p.IsActive).ToList();
        var release = refs.Release.Where(p => p.IsActive).ToList();

        var surplus = rs.Metadata.DeletionTimestamp is null ? mine.Count - (rs.Spec.Replicas ?? 1) : 0;
        IReadOnlyList<PodOutline> delete = surplus > 0
            ? [.. mine.Order(new PodDeletionOrder(related ?? mine, now)).Take(Math.Min(surplus, Burst))]
            : [];

        var minReady = rs.Spec.MinReadySeconds ?? 0;
        var waits = mine.Select(p => p.UntilAvailable(minReady, now)).Where(w => w > TimeSpan.Zero).ToList();
        // Pods that this plan deletes are not counted, because a rollout must not rely on them.
        var status = Status(rs, mine.Except(delete).ToList(), now, failure);
        if (showsTerminating)
        {
            status.TerminatingReplicas = refs.Owned.Count(p => p.Object.IsDeleting && !p.HasEnded);
        }

        return new ReplicaSetPlan(
            Math.Clamp(-surplus, 0, Burst), delete, adopt, release,
            Models.Same(rs.Status, status) ? null : status,
            waits.Count > 0 ? waits.Min() : null);
    }

    private static V1ReplicaSetStatus Status(
        V1ReplicaSet rs, List<PodOutline> mine, DateTimeOffset now, ReplicaFailure? failure)
    {
        var minReady = rs.Spec.MinReadySeconds ?? 0;
        var templateLabels = rs.Spec.Template?.Metadata?.Labels ?? new Dictionary<string, string>();
        var available = mine.Count(p => p.UntilAvailable(minReady, now) == TimeSpan.Zero);
        return new V1ReplicaSetStatus
        {
            Replicas = mine.Count,
            FullyLabeledReplicas = mine.Count(p => templateLabels.All(l => p.Object.Labels.TryGetValue(l.Key, out var v) && v == l.Value)),
            ReadyReplicas = mine.Count(p => p.IsReady),
            AvailableReplicas = available,
            ObservedGeneration = rs.Metadata.Generation ?? rs.Status?.ObservedGeneration,
            Conditions = Conditions(rs.Status?.Conditions, now, failure),
        };
    }

    private static IList<V1ReplicaSetCondition>? Conditions(IList<V1ReplicaSetCondition>? current, DateTimeOffset now, ReplicaFailure? failure)
    {
        var old = current?.FirstOrDefault(c => c.Type == "ReplicaFailure");
        var rest = (current ?? []).Where(c => c.Type != "ReplicaFailure").ToList();
        if (failure is not null)
        {
            rest.Add(old is { Status: "True" } && old.Reason == failure.Reason ? old : new V1ReplicaSetCondition
            {
                Type = "ReplicaFailure",
                Status = "True",
                Reason = failure.Reason,
                Message = failure.Message,
                LastTransitionTime = now.UtcDateTime,
            });
        }

        return rest.Count > 0 ? rest : null;
    }
}
