using k8s.Models;

namespace Orchestrator.Actors.Kinds.Deployments;

/// <summary>A replica set during planning: its current state and the changes planned so far.</summary>
internal sealed class PlannedReplicaSet(V1ReplicaSet rs, bool isCreated = false)
{
    public V1ReplicaSet Rs { get; } = rs;

    public bool IsCreated { get; } = isCreated;

    public string Name => Rs.Metadata.Name;

    public int Replicas { get; set; } = rs.Spec.Replicas ?? 1;

    public int? MinReadySeconds { get; set; }

    public SortedDictionary<string, string> Annotations { get; } = new(StringComparer.Ordinal);

    /// <summary>Available pods, at most the planned size, because the status may lag behind a scale-down.</summary>
    public int Available => Math.Min(Rs.Status?.AvailableReplicas ?? 0, Replicas);

    public bool IsChanged => Replicas != (Rs.Spec.Replicas ?? 1) || Annotations.Count > 0 || MinReadySeconds is not null;

    public void Annotate(string key, string value)
    {
        if (Rs.Metadata.Annotations is { } existing && existing.TryGetValue(key, out var old) && old == value)
        {
            Annotations.Remove(key);
        }
        else
        {
            Annotations[key] = value;
        }
    }

    public string? Annotation(string key) =>
        Annotations.TryGetValue(key, out var planned) ? planned
        : Rs.Metadata.Annotations is { } existing && existing.TryGetValue(key, out var old) ? old : null;
}

/// <summary>The replica sets of one deployment and the planned resizes, each with its event.</summary>
internal sealed class Rollout(V1Deployment d, IEnumerable<PlannedReplicaSet> old, PlannedReplicaSet? current)
{
    private readonly int _desired = DeploymentFacts.Replicas(d);
    private readonly int _surge = DeploymentFacts.MaxSurge(d);

    public PlannedReplicaSet? Current { get; private set; } = current;

    public IReadOnlyList<PlannedReplicaSet> Old { get; } =
        [.. old.OrderBy(r => r.Rs.Metadata.CreationTimestamp).ThenBy(r => r.Name, StringComparer.Ordinal)];

    public List<DeploymentEvent> Events { get; } = [];

    public IEnumerable<PlannedReplicaSet> All => Current is null ? Old : Old.Append(Current);

    public int MinAvailable => _desired - DeploymentFacts.MaxUnavailable(d);

    public void Start(PlannedReplicaSet created)
    {
        Current = created;
        Resize(created, NewSize(created));
    }

    public void RollForward()
    {
        var current = Current ?? throw new InvalidOperationException("A rollout needs its new replica set first.");
        if (current.Replicas != _desired)
        {
            Resize(current, NewSize(current));
        }

        ShrinkOld(current);
    }

    public void ScaleDownAllOld()
    {
        foreach (var rs in Old.Where(r => r.Replicas > 0))
        {
            Resize(rs, 0);
        }
    }

    /// <summary>Scales a deployment during a rollout, in proportion to the sizes of its replica sets. Called when the size changed, but not the template.</summary>
    public void ScaleProportionally()
    {
        var active = All.Where(r => r.Replicas > 0).ToList();
        if (active.Count <= 1)
        {
            if ((active.FirstOrDefault() ?? Current ?? Old.LastOrDefault()) is { } only)
            {
                Resize(only, _desired);
            }
        }
        else if (IsSaturated)
        {
            ScaleDownAllOld();
            Resize(Current!, _desired);
        }
        else if (DeploymentFacts.IsRollingUpdate(d))
        {
            Distribute(active);
        }
        else
        {
            active.ForEach(r => Resize(r, r.Replicas));
        }
    }

    public void Resize(PlannedReplicaSet rs, int replicas)
    {
        rs.Annotate(Revisions.DesiredReplicas, Revisions.Text(_desired));
        rs.Annotate(Revisions.MaxReplicas, Revisions.Text(_desired + _surge));
        if (rs.Replicas != replicas)
        {
            var direction = replicas > rs.Replicas ? "up" : "down";
            Events.Add(new DeploymentEvent("Normal", "ScalingReplicaSet", $"Scaled {direction} replica set {rs.Name} from {rs.Replicas} to {replicas}", rs.Name));
            rs.Replicas = replicas;
        }
    }

    private bool IsSaturated =>
        Current is { } c && c.Replicas == _desired && c.Annotation(Revisions.DesiredReplicas) == Revisions.Text(_desired)
        && (c.Rs.Status?.AvailableReplicas ?? 0) == _desired;

    private int NewSize(PlannedReplicaSet rs)
    {
        if (rs.Replicas > _desired || !DeploymentFacts.IsRollingUpdate(d))
        {
            return _desired;
        }

        var room = _desired + _surge - All.Sum(r => r.Replicas);
        return room <= 0 ? rs.Replicas : rs.Replicas + Math.Min(room, _desired - rs.Replicas);
    }

    private void ShrinkOld(PlannedReplicaSet current)
    {
        var budget = All.Sum(r => r.Replicas) - MinAvailable - (current.Replicas - current.Available);
        if (budget <= 0)
        {
            return;
        }

        // Remove unavailable pods first, which does not reduce availability.
        foreach (var rs in Old)
        {
            var unhealthy = Math.Min(budget, rs.Replicas - rs.Available);
            if (unhealthy > 0)
            {
                var available = rs.Available;
                Resize(rs, Math.Max(rs.Replicas - unhealthy, available));
                budget -= unhealthy;
            }
        }

        var spare = Math.Min(budget, All.Sum(r => r.Available) - MinAvailable);
        foreach (var rs in Old)
        {
            var step = Math.Min(spare, rs.Replicas);
            if (step > 0)
            {
                Resize(rs, rs.Replicas - step);
                spare -= step;
            }
        }
    }

    private void Distribute(List<PlannedReplicaSet> active)
    {
        var allowed = _desired > 0 ? _desired + _surge : 0;
        var toAdd = allowed - active.Sum(r => r.Replicas);
        var added = 0;
        // The largest first; of equal ones, the newest grows and the oldest shrinks first.
        var bySize = active.Select((Set, Age) => (Set, Age))
            .OrderByDescending(r => r.Set.Replicas).ThenBy(r => toAdd > 0 ? -r.Age : r.Age).Select(r => r.Set).ToList();
        var sizes = new int[bySize.Count];
        for (var i = 0; i < bySize.Count; i++)
        {
            var share = Share(bySize[i]);
            share = toAdd > 0 ? Math.Min(share, toAdd - added) : Math.Max(share, toAdd - added);
            share = toAdd == 0 ? 0 : share;
            sizes[i] = bySize[i].Replicas + share;
            added += share;
        }

        sizes[0] = Math.Max(0, sizes[0] + toAdd - added);
        for (var i = 0; i < bySize.Count; i++)
        {
            Resize(bySize[i], sizes[i]);
        }
    }

    private int Share(PlannedReplicaSet rs)
    {
        if (_desired == 0)
        {
            return -rs.Replicas;
        }

        var before = Revisions.Number(rs.Rs.Metadata.Annotations, Revisions.MaxReplicas) ?? 0;
        before = before > 0 ? before : Math.Max(1, d.Status?.Replicas ?? 0);
        return (int)Math.Round((double)rs.Replicas * (_desired + _surge) / before, MidpointRounding.AwayFromZero) - rs.Replicas;
    }
}
