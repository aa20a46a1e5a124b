using k8s.Models;
using Orchestrator.Actors.Workloads;

namespace Orchestrator.Actors.Kinds.StatefulSets;

/// <summary>Compares a stateful set with its pods. Level-triggered: the same input always gives the same plan.</summary>
/// <remarks>Kubernetes, "StatefulSets": deployment and scaling guarantees, update strategies. It differs in one thing: with <c>OrderedReady</c>, a rollout that is stuck at a pod
/// of an older template that never gets ready replaces that pod. Kubernetes waits for it for ever, and somebody has to delete it by hand.</remarks>
internal sealed class StatefulSetPlanner
{
    /// <summary>A pod that has ended is made again no sooner than this after its creation. 10 s.</summary>
    public static readonly TimeSpan Pause = TimeSpan.FromSeconds(10);

    /// <summary>Maximum number of pods created by one plan.</summary>
    public const int Burst = 1_000;

    private readonly V1StatefulSet _set;
    private readonly StatefulRevisions _revisions;
    private readonly DateTimeOffset _now;
    private readonly int _start;
    private readonly int _count;
    private readonly Dictionary<int, StatefulPod> _replicas;
    private readonly List<StatefulPod> _condemned;
    private readonly List<PlannedStatefulPod> _create = [];
    private readonly List<(StatefulPod Pod, PodEnd Why)> _delete = [];
    private TimeSpan? _recheck;

    private StatefulSetPlanner(V1StatefulSet set, StatefulRevisions revisions, IReadOnlyList<StatefulPod> pods, DateTimeOffset now)
    {
        (_set, _revisions, _now, _start) = (set, revisions, now, set.Spec.Ordinals?.Start ?? 0);
        _count = set.Spec.Replicas ?? 1;
        _replicas = pods.Where(IsReplica).ToDictionary(p => p.Ordinal - _start);
        _condemned = [.. pods.Where(p => !IsReplica(p)).OrderByDescending(p => p.Ordinal)];
    }

    /// <param name="set">The stateful set.</param>
    /// <param name="revisions">The revisions of its templates.</param>
    /// <param name="pods">Its pods.</param>
    /// <param name="collisionCount">For the status.</param>
    /// <param name="now">Current time.</param>
    public static StatefulSetPlan Plan(V1StatefulSet set, StatefulRevisions revisions, IReadOnlyList<StatefulPod> pods, int? collisionCount, DateTimeOffset now)
    {
        var planner = new StatefulSetPlanner(set, revisions, pods, now);
        if (set.Metadata.DeletionTimestamp is null)
        {
            var isComplete = planner.Complete() && planner.ScaleDown();
            if (planner.IsRolling)
            {
                planner.Roll(isComplete);
            }
        }

        var status = planner.Status(pods, collisionCount);
        return new StatefulSetPlan(planner._create, planner._delete, Models.Same(set.Status, status) ? null : status, planner._recheck);
    }

    private bool IsReplica(StatefulPod pod) => pod.Ordinal >= _start && pod.Ordinal - _start < _count;

    private bool IsOrdered => _set.Spec.PodManagementPolicy is not "Parallel";

    private bool IsRolling => _set.Spec.UpdateStrategy?.Type is null or "" or "RollingUpdate";

    private int Partition => Math.Max(0, _set.Spec.UpdateStrategy?.RollingUpdate?.Partition ?? 0);

    // Creates what is missing. In order: each waits for the one before it.
    private bool Complete()
    {
        for (var i = 0; i < _count; i++)
        {
            if (_replicas.GetValueOrDefault(i) is not { } pod)
            {
                _create.Add(new PlannedStatefulPod(_start + i, IsRolling && i < Partition ? _revisions.Current : _revisions.Update));
            }
            else if (pod.Outline.HasEnded && !pod.IsLeaving)
            {
                Replace(pod);
            }
            else if (IsAvailable(pod))
            {
                continue;
            }

            if (IsOrdered || _create.Count == Burst)
            {
                return false;
            }
        }

        return true;
    }

    private void Replace(StatefulPod pod)
    {
        var left = (pod.Outline.CreatedAt ?? _now.UtcDateTime) + Pause - _now.UtcDateTime;
        if (left > TimeSpan.Zero)
        {
            Recheck(left);
        }
        else
        {
            _delete.Add((pod, pod.Outline.Object.Phase == "Failed" ? PodEnd.Failed : PodEnd.Succeeded));
        }
    }

    // From the highest number down. In order: one at a time, and only while all the others are well, or if it is itself the one that is not.
    private bool ScaleDown()
    {
        var sick = _condemned.LastOrDefault(p => !p.IsHealthy);
        foreach (var pod in _condemned)
        {
            if (!pod.IsLeaving && (!IsOrdered || pod == sick || IsAvailable(pod)))
            {
                _delete.Add((pod, PodEnd.ScaledDown));
            }

            if (IsOrdered)
            {
                return false;
            }
        }

        return true;
    }

    // Replaces pods of older templates from the highest number down. A pod that is not well is no loss: those go first, but also within the bound.
    private void Roll(bool isComplete)
    {
        var bound = Math.Max(1, Shares.Of(_set.Spec.UpdateStrategy?.RollingUpdate?.MaxUnavailable?.Value ?? "1", _count, Math.Ceiling));
        var (ended, underWay, sick, well) = (0, 0, new List<StatefulPod>(), new List<StatefulPod>());
        foreach (var (_, pod) in _replicas.Where(r => r.Key >= Partition).OrderByDescending(r => r.Key))
        {
            if (pod.Outline.HasEnded)
            {
                ended++;
            }
            else if (pod.IsLeaving || _delete.Any(d => d.Pod == pod))
            {
                underWay++;
            }
            else if (pod.Revision == _revisions.Update)
            {
                underWay += IsAvailable(pod) ? 0 : 1;
            }
            else
            {
                (IsAvailable(pod) ? well : sick).Add(pod);
            }
        }

        var missing = Math.Max(0, _count - Partition) - _replicas.Count(r => r.Key >= Partition) + ended;

        // What is missing does not hold up the sick: in order, it may be missing because of them.
        var next = sick.Take(Math.Max(0, bound - underWay)).ToList();
        if (isComplete)
        {
            next.AddRange(well.Take(Math.Max(0, bound - missing - underWay - sick.Count)));
        }

        _delete.AddRange(next.Select(p => (p, PodEnd.Updated)));
    }

    // What is deleted by this plan does not count, because a rollout must not rely on it.
    private V1StatefulSetStatus Status(IReadOnlyList<StatefulPod> pods, int? collisionCount)
    {
        var deleted = _delete.Select(d => d.Pod).ToHashSet();
        var there = pods.Where(p => !p.IsLeaving && !deleted.Contains(p)).ToList();
        var status = new V1StatefulSetStatus
        {
            ObservedGeneration = _set.Metadata.Generation ?? _set.Status?.ObservedGeneration,
            Replicas = pods.Count,
            ReadyReplicas = Some(there.Count(p => p.IsHealthy)),
            AvailableReplicas = there.Count(IsAvailable),
            CurrentReplicas = Some(there.Count(p => p.Revision == _revisions.Current)),
            UpdatedReplicas = Some(there.Count(p => p.Revision == _revisions.Update)),
            CurrentRevision = _revisions.Current,
            UpdateRevision = _revisions.Update,
            CollisionCount = collisionCount ?? 0,
            Conditions = _set.Status?.Conditions,
        };
        if (IsRolling && status.Replicas == (status.UpdatedReplicas ?? 0) && status.Replicas == (status.ReadyReplicas ?? 0) && _create.Count == 0)
        {
            (status.CurrentRevision, status.CurrentReplicas) = (_revisions.Update, status.UpdatedReplicas);
        }

        return status;
    }

    private static int? Some(int count) => count == 0 ? null : count;

    private bool IsAvailable(StatefulPod pod)
    {
        if (!pod.IsHealthy || pod.Outline.UntilAvailable(_set.Spec.MinReadySeconds ?? 0, _now) is not { } left)
        {
            return false;
        }

        if (left > TimeSpan.Zero)
        {
            Recheck(left);
        }

        return left == TimeSpan.Zero;
    }

    private void Recheck(TimeSpan after) => _recheck = _recheck is { } r && r < after ? r : after;
}
