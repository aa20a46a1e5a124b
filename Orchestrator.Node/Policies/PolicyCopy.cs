using Orchestrator.Actors.Api;
using Orchestrator.Actors.Kinds.NetworkPolicies;

namespace Orchestrator.Node.Policies;

/// <summary>A node's own copy of all NetworkPolicies, and of who is in the groups of pods that they name.</summary>
internal sealed class PolicyCopy
{
    private static readonly IReadOnlySet<string> Nobody = new HashSet<string>();
    private readonly Dictionary<string, Dictionary<ObjectKey, KubeObject>> _policies = [];
    private readonly Dictionary<string, HashSet<string>> _groups = [];
    private (Dictionary<ObjectKey, KubeObject> Policies, Dictionary<string, HashSet<string>> Groups)? _whole;

    /// <summary>Who gave it; empty if there is none yet.</summary>
    public string Source { get; private set; } = "";

    /// <summary>Its version.</summary>
    public long Version { get; private set; }

    /// <summary>The policies of a namespace.</summary>
    public IEnumerable<KubeObject> PoliciesOf(string ns) => _policies.TryGetValue(ns, out var policies) ? policies.Values : [];

    /// <summary>Who is in a group.</summary>
    public IReadOnlySet<string> MembersOf(string group) => _groups.TryGetValue(group, out var members) ? members : Nobody;

    /// <summary>Takes news.</summary>
    /// <returns>Namespaces whose policies, and groups whose members, may have changed; null if something before was missed, so that the whole has to be asked for.</returns>
    public (IReadOnlySet<string> Namespaces, IReadOnlySet<string> Groups)? Take(PolicyNews news)
    {
        var (namespaces, groups) = (new HashSet<string>(), new HashSet<string>());
        if (news.From != PolicyNews.Whole)
        {
            if ((news.Source, news.From) != (Source, Version))
            {
                return null;
            }

            foreach (var gone in news.Gone.Where(Remove))
            {
                namespaces.Add(gone.Namespace);
            }

            foreach (var policy in news.Changed)
            {
                Put(policy);
                namespaces.Add(policy.Namespace);
            }

            Join(_groups, news);
            groups.UnionWith(news.Groups.Select(g => g.Id));
            Version = news.Version;
            return (namespaces, groups);
        }

        _whole ??= ([], []);
        foreach (var policy in news.Changed)
        {
            _whole.Value.Policies[policy.Key] = policy;
        }

        Join(_whole.Value.Groups, news);
        if (!news.IsLast)
        {
            return (namespaces, groups);
        }

        namespaces.UnionWith(_policies.Keys.Concat(_whole.Value.Policies.Keys.Select(k => k.Namespace)));
        groups.UnionWith(_groups.Keys.Concat(_whole.Value.Groups.Keys));
        _policies.Clear();
        _groups.Clear();
        foreach (var policy in _whole.Value.Policies.Values)
        {
            Put(policy);
        }

        foreach (var (id, members) in _whole.Value.Groups)
        {
            _groups[id] = members;
        }

        (Source, Version, _whole) = (news.Source, news.Version, null);
        return (namespaces, groups);
    }

    private static void Join(Dictionary<string, HashSet<string>> groups, PolicyNews news)
    {
        foreach (var change in news.Groups)
        {
            var members = change.IsWhole || !groups.TryGetValue(change.Id, out var known) ? groups[change.Id] = new(StringComparer.Ordinal) : known;
            members.ExceptWith(change.Removed);
            members.UnionWith(change.Added);
        }
    }

    private void Put(KubeObject policy) => (_policies.TryGetValue(policy.Namespace, out var known) ? known : _policies[policy.Namespace] = [])[policy.Key] = policy;

    private bool Remove(ObjectKey policy)
    {
        if (!_policies.TryGetValue(policy.Namespace, out var known) || !known.Remove(policy))
        {
            return false;
        }

        if (known.Count == 0)
        {
            _policies.Remove(policy.Namespace);
        }

        return true;
    }
}
