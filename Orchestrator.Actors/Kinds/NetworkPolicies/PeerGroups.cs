using System.Collections.Frozen;
using k8s.Models;
using Orchestrator.Actors.Api;

namespace Orchestrator.Actors.Kinds.NetworkPolicies;

/// <summary>Which pods are in the groups that NetworkPolicies name. Keeps nothing while there is no policy.</summary>
/// <param name="podsOf">All pods of a namespace; of all namespaces for null.</param>
/// <param name="labelsOf">Labels of a namespace.</param>
internal sealed class PeerGroups(Func<string?, IEnumerable<KubeObject>> podsOf, Func<string, IReadOnlyDictionary<string, string>> labelsOf)
{
    private static readonly ObjectKey Dns = new("", PeerPod.Names.Namespace, "");
    private readonly Dictionary<ObjectKey, IReadOnlyList<PeerGroup>> _policies = [];
    private readonly Dictionary<string, Group> _groups = [];
    private readonly HashSet<string> _changed = [];

    // Pods as they were when they last changed while there were groups; null for one that has no address.
    private readonly Dictionary<ObjectKey, PeerPod?> _seen = [];

    /// <summary>All groups with who is in them.</summary>
    public IEnumerable<GroupNews> All => _groups.Select(g => new GroupNews(g.Key, true, [.. g.Value.Count.Keys], []));

    /// <summary>Whether there is no policy.</summary>
    public bool IsEmpty => _policies.Count == 0;

    /// <summary>A policy is there, or has changed.</summary>
    public void Put(KubeObject policy)
    {
        IReadOnlyList<PeerGroup> groups = [.. PolicyPeers.GroupsOf(policy.As<V1NetworkPolicy>())];
        var before = _policies.GetValueOrDefault(policy.Key, []);
        _policies[policy.Key] = groups;
        foreach (var group in groups.Except(before))
        {
            Use(group);
        }

        foreach (var group in before.Except(groups))
        {
            Leave(group);
        }
    }

    /// <summary>A policy is gone.</summary>
    public void Remove(ObjectKey policy)
    {
        if (_policies.Remove(policy, out var groups))
        {
            foreach (var group in groups)
            {
                Leave(group);
            }
        }
    }

    /// <summary>A pod is there, or has changed.</summary>
    public void PutPod(KubeObject pod)
    {
        if (_groups.Count == 0)
        {
            _seen.Clear();
            return;
        }

        // Most changes of a pod are none for policies.
        var seen = PeerPod.Of(pod);
        if (_seen.TryGetValue(pod.Key, out var before) && (before is null ? seen is null : seen?.IsSameAs(before) == true))
        {
            return;
        }

        _seen[pod.Key] = seen;
        foreach (var group in _groups.Values.Where(g => g.Of.Namespace is not { } ns || ns == pod.Namespace))
        {
            Set(group, pod.Key, seen);
        }
    }

    /// <summary>A pod is gone.</summary>
    public void RemovePod(ObjectKey pod)
    {
        _seen.Remove(pod);
        foreach (var group in _groups.Values)
        {
            Set(group, pod, null);
        }
    }

    /// <summary>A namespace is there, is gone, or has other labels.</summary>
    public void PutNamespace(string name)
    {
        var groups = _groups.Values.Where(g => g.Of.Namespace is null).ToList();
        if (groups.Count == 0)
        {
            return;
        }

        var pods = podsOf(name).Select(p => (p.Key, Pod: PeerPod.Of(p))).Append((Key: Dns, Pod: PeerPod.Names)).Where(p => p.Key.Namespace == name).ToList();
        foreach (var group in groups)
        {
            pods.ForEach(p => Set(group, p.Key, p.Pod));
        }
    }

    /// <summary>Who came and left since the last call.</summary>
    public IReadOnlyList<GroupNews> Take()
    {
        var news = _changed.Where(_groups.ContainsKey).Order(StringComparer.Ordinal).Select(id =>
        {
            var group = _groups[id];
            var (now, told) = (group.Count.Keys.ToFrozenSet(), group.Told);
            group.Told = now;
            return new GroupNews(id, told is null, [.. now.Except(told ?? []).Order(StringComparer.Ordinal)], [.. (told ?? []).Except(now).Order(StringComparer.Ordinal)]);
        }).Where(n => n.IsWhole || !n.Added.IsEmpty || !n.Removed.IsEmpty).ToList();
        _changed.Clear();
        return news;
    }

    private void Use(PeerGroup of)
    {
        if (_groups.TryGetValue(of.Id, out var known))
        {
            known.Users++;
            return;
        }

        var group = _groups[of.Id] = new Group(of);
        _changed.Add(of.Id);
        foreach (var pod in podsOf(of.Namespace))
        {
            Set(group, pod.Key, PeerPod.Of(pod));
        }

        Set(group, Dns, PeerPod.Names);
    }

    private void Leave(PeerGroup of)
    {
        if (--_groups[of.Id].Users == 0)
        {
            _groups.Remove(of.Id);
        }
    }

    // Two pods may have one address for a while: one ends, and the other has it already.
    private void Set(Group group, ObjectKey key, PeerPod? pod)
    {
        var before = group.Members.GetValueOrDefault(key, []);
        IReadOnlyList<string> after = pod is null ? [] : [.. group.Of.MembersOf(pod, labelsOf(pod.Namespace))];
        if (before.SequenceEqual(after))
        {
            return;
        }

        foreach (var member in after)
        {
            group.Count[member] = group.Count.GetValueOrDefault(member) + 1;
        }

        foreach (var member in before.Where(m => --group.Count[m] == 0).ToList())
        {
            group.Count.Remove(member);
        }

        if (after.Count == 0)
        {
            group.Members.Remove(key);
        }
        else
        {
            group.Members[key] = after;
        }

        _changed.Add(group.Of.Id);
    }

    private sealed class Group(PeerGroup of)
    {
        public PeerGroup Of { get; } = of;

        public int Users { get; set; } = 1;

        public Dictionary<ObjectKey, IReadOnlyList<string>> Members { get; } = [];

        public Dictionary<string, int> Count { get; } = new(StringComparer.Ordinal);

        // Null as long as nobody has heard of it.
        public FrozenSet<string>? Told { get; set; }
    }
}
