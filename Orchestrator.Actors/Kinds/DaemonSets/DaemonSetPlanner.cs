using k8s.Models;
using Orchestrator.Actors.Workloads;

namespace Orchestrator.Actors.Kinds.DaemonSets;

/// <summary>Compares a daemon set with the nodes and with its pods. Level-triggered: the same input always gives the same plan.</summary>
/// <remarks>Kubernetes, "DaemonSet" and "Perform a Rolling Update on a DaemonSet".</remarks>
internal sealed class DaemonSetPlanner
{
    private readonly V1DaemonSet _set;
    private readonly string _hash;
    private readonly DateTimeOffset _now;
    private readonly int _minReady;
    private readonly IReadOnlyList<DaemonNode> _nodes;
    private readonly List<PlannedDaemonPod> _create = [];
    private readonly List<DaemonPodDeletion> _delete = [];
    private readonly HashSet<DaemonPod> _leaving = [];
    private readonly int _maxSurge;
    private readonly int _maxUnavailable;
    private TimeSpan? _recheck;

    private DaemonSetPlanner(V1DaemonSet set, string hash, IReadOnlyList<DaemonNode> nodes, DateTimeOffset now)
    {
        (_set, _hash, _nodes, _now, _minReady) = (set, hash, nodes, now, set.Spec.MinReadySeconds ?? 0);
        var (wanted, rolling) = (nodes.Count(n => n.ShouldRun), set.Spec.UpdateStrategy?.RollingUpdate);
        _maxSurge = set.Spec.UpdateStrategy?.Type is "OnDelete" ? 0 : Shares.Of(rolling?.MaxSurge?.Value ?? "0", wanted, Math.Ceiling);
        _maxUnavailable = Shares.Of(rolling?.MaxUnavailable?.Value ?? "1", wanted, Math.Ceiling);
    }

    /// <param name="set">The daemon set.</param>
    /// <param name="hash">Hash of the revision of its template.</param>
    /// <param name="nodes">All nodes.</param>
    /// <param name="pods">Its pods.</param>
    /// <param name="collisionCount">For the status.</param>
    /// <param name="now">Current time.</param>
    public static DaemonSetPlan Plan(V1DaemonSet set, string hash, IEnumerable<V1Node> nodes, IReadOnlyList<DaemonPod> pods, int? collisionCount, DateTimeOffset now)
    {
        var byNode = pods.ToLookup(p => p.Node, StringComparer.Ordinal);
        var template = set.Spec.Template.Spec;
        var tolerations = DaemonPlacement.Tolerations(template);
        List<DaemonNode> places = [.. nodes.Select(n =>
        {
            var (shouldRun, mayStay) = DaemonPlacement.On(n, template, tolerations);
            return new DaemonNode(n.Metadata.Name, shouldRun, mayStay, [.. byNode[n.Metadata.Name].OrderBy(p => p.Outline.CreatedAt).ThenBy(p => p.Name, StringComparer.Ordinal)]);
        })];
        var planner = new DaemonSetPlanner(set, hash, places, now);
        var known = places.Select(p => p.Name).ToHashSet(StringComparer.Ordinal);
        if (set.Metadata.DeletionTimestamp is null)
        {
            planner.KeepOnePerNode();

            // A pod that waits for a node that is gone would wait for ever. The pods that ran there are the pod garbage collector's.
            planner.Delete(pods.Where(p => p.Outline.IsActive && string.IsNullOrEmpty(p.Outline.Object.NodeName) && p.Node.Length > 0 && !known.Contains(p.Node)));
            if (set.Spec.UpdateStrategy?.Type is not "OnDelete")
            {
                planner.Roll();
            }
        }

        var status = planner.Status(collisionCount);
        return new DaemonSetPlan(planner._create, planner._delete, Models.Same(set.Status, status) ? null : status, planner._recheck);
    }

    // A pod where there should be one, none where there should not.
    private void KeepOnePerNode()
    {
        foreach (var node in _nodes)
        {
            if (!node.MayStay)
            {
                Delete(node.Pods.Where(p => !p.Outline.Object.IsDeleting));
                continue;
            }

            ReplaceEnded(node);
            if (node.ShouldRun && node.Pods.Count == 0)
            {
                _create.Add(new PlannedDaemonPod(node.Name, 0));
            }

            // Of several, the oldest that is available stays; during a rollout with surge one of each revision.
            var running = node.Running.OrderByDescending(IsAvailable).ToList();
            foreach (var group in _maxSurge > 0 ? running.GroupBy(p => p.Hash == _hash).Select(g => g.ToList()) : [running])
            {
                Delete(group.Skip(1));
            }
        }
    }

    // A pod that has ended holds nothing any more, so the next one is made at once. It knows how often that happened.
    private void ReplaceEnded(DaemonNode node)
    {
        var ended = node.Pods.Where(p => p.Outline.HasEnded && !p.Outline.Object.IsDeleting).ToList();
        foreach (var pod in ended)
        {
            var left = pod.UntilReplaced(_now);
            if (left > TimeSpan.Zero)
            {
                Recheck(left);
                return;
            }
        }

        Delete(ended, haveFailed: true);
        if (ended.Count > 0 && node.ShouldRun && !node.Running.Any(p => _maxSurge == 0 || p.Hash == _hash))
        {
            _create.Add(new PlannedDaemonPod(node.Name, ended.Max(p => p.FailuresWithThis(_now))));
        }
    }

    private void Roll()
    {
        if (_maxSurge > 0)
        {
            RollWithSurge();
        }
        else
        {
            RollInPlace();
        }
    }

    // Old pods go first; new ones are created when they are gone. What is not available anyway may go at once.
    private void RollInPlace()
    {
        var (unavailable, candidates) = (0, new List<DaemonPod>());
        foreach (var node in _nodes.Where(n => n.ShouldRun))
        {
            var current = Staying(node).FirstOrDefault(p => p.Hash == _hash);
            var old = Staying(node).FirstOrDefault(p => p.Hash != _hash);
            if (current is not null)
            {
                unavailable += IsAvailable(current) ? 0 : 1;
            }
            else if (old is null)
            {
                unavailable++;
            }
            else if (!IsAvailable(old))
            {
                unavailable++;
                Delete([old]);
            }
            else
            {
                candidates.Add(old);
            }
        }

        Delete(candidates.Take(Math.Max(0, _maxUnavailable - unavailable)));
    }

    // New pods come first; an old one goes when that of its node is available.
    private void RollWithSurge()
    {
        var (surging, candidates) = (0, new List<string>());
        foreach (var node in _nodes.Where(n => n.ShouldRun))
        {
            var current = Staying(node).FirstOrDefault(p => p.Hash == _hash);
            var old = Staying(node).FirstOrDefault(p => p.Hash != _hash);
            if (current is not null && old is not null)
            {
                if (IsAvailable(current) || !IsAvailable(old))
                {
                    Delete([old]);
                }
                else
                {
                    surging++;
                }
            }
            else if (current is null && old is not null && node.Pods.All(p => p.Hash != _hash || p.Outline.Object.IsDeleting) && _create.All(c => c.Node != node.Name))
            {
                if (IsAvailable(old))
                {
                    candidates.Add(node.Name);
                }
                else
                {
                    _create.Add(new PlannedDaemonPod(node.Name, 0));
                }
            }
        }

        _create.AddRange(candidates.Take(Math.Max(0, _maxSurge - surging)).Select(n => new PlannedDaemonPod(n, 0)));
    }

    private void Delete(IEnumerable<DaemonPod> pods, bool haveFailed = false)
    {
        foreach (var pod in pods.Where(_leaving.Add))
        {
            _delete.Add(new DaemonPodDeletion(pod, haveFailed));
        }
    }

    private IEnumerable<DaemonPod> Staying(DaemonNode node) => node.Running.Where(p => !_leaving.Contains(p));

    private V1DaemonSetStatus Status(int? collisionCount)
    {
        var (wanted, current, misplaced, ready, available, updated) = (0, 0, 0, 0, 0, 0);
        foreach (var node in _nodes)
        {
            var running = node.Running.ToList();
            if (!node.ShouldRun)
            {
                misplaced += running.Count > 0 ? 1 : 0;
                continue;
            }

            wanted++;
            if (running.Count == 0)
            {
                continue;
            }

            // A node counts once, by its oldest pod: a rollout with surge is over there when the old one is gone.
            current++;
            ready += running[0].Outline.IsReady ? 1 : 0;
            available += IsAvailable(running[0]) ? 1 : 0;
            updated += running[0].Hash == _hash ? 1 : 0;
        }

        return new V1DaemonSetStatus
        {
            DesiredNumberScheduled = wanted,
            CurrentNumberScheduled = current,
            NumberMisscheduled = misplaced,
            NumberReady = ready,
            NumberAvailable = available == 0 ? null : available,
            NumberUnavailable = wanted - available is > 0 and var unavailable ? unavailable : null,
            UpdatedNumberScheduled = updated == 0 ? null : updated,
            ObservedGeneration = _set.Metadata.Generation ?? _set.Status?.ObservedGeneration,
            CollisionCount = collisionCount,
            Conditions = _set.Status?.Conditions,
        };
    }

    private bool IsAvailable(DaemonPod pod)
    {
        if (pod.Outline.UntilAvailable(_minReady, _now) is not { } left)
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

    private sealed record DaemonNode(string Name, bool ShouldRun, bool MayStay, IReadOnlyList<DaemonPod> Pods)
    {
        public IEnumerable<DaemonPod> Running => Pods.Where(p => p.Outline.IsActive);
    }
}
