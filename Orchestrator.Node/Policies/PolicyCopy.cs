using Orchestrator.Actors.Api;
using Orchestrator.Actors.Feed;
using Orchestrator.Actors.Kinds.NetworkPolicies;
using Orchestrator.Node.Copies;

namespace Orchestrator.Node.Policies;

/// <summary>A node's own copy of all NetworkPolicies, and of who is in the groups of pods that they name.</summary>
internal sealed class PolicyCopy
{
    private static readonly IReadOnlySet<string> Nobody = new HashSet<string>();
    private readonly Dictionary<string, Dictionary<ObjectKey, KubeObject>> _policies = [];
    private readonly Dictionary<string, HashSet<string>> _groups = [];
    private readonly FeedProgress _progress = new();
    private (Dictionary<ObjectKey, KubeObject> Policies, Dictionary<string, HashSet<string>> Groups) _whole = ([], []);

    /// <summary>Who gave it; empty if there is none yet.</summary>
    public string Source => _progress.Source;

    /// <summary>What is to be asked for.</summary>
    public FeedPosition Position => _progress.Position;

    /// <summary>Whether there is any policy.</summary>
    public bool HasPolicies => _policies.Count > 0;

    /// <summary>The policies of a namespace.</summary>
    public IEnumerable<KubeObject> PoliciesOf(string ns) => _policies.TryGetValue(ns, out var policies) ? policies.Values : [];

    /// <summary>Who is in a group.</summary>
    public IReadOnlySet<string> MembersOf(string group) => _groups.TryGetValue(group, out var members) ? members : Nobody;

    /// <summary>Takes news.</summary>
    /// <returns>Namespaces whose policies, and groups whose members, may have changed; null if more has to be asked for.</returns>
    public (IReadOnlySet<string> Namespaces, IReadOnlySet<string> Groups)? Take(PolicyNews news)
    {
        var (namespaces, groups) = (new HashSet<string>(), new HashSet<string>());
        switch (_progress.Take(news))
        {
            case FeedStep.Ask:
                return null;
            case FeedStep.Part:
                Collect(news);
                return null;
            case FeedStep.Change:
                namespaces.UnionWith(news.Gone.Where(Remove).Select(g => g.Namespace));
                namespaces.UnionWith(news.Changed.Select(p => p.Namespace));
                foreach (var policy in news.Changed)
                {
                    Put(policy);
                }

                Join(_groups, news);
                groups.UnionWith(news.Groups.Select(g => g.Id));
                break;
            case FeedStep.Whole:
                Collect(news);
                namespaces.UnionWith(_policies.Keys.Concat(_whole.Policies.Keys.Select(k => k.Namespace)));
                groups.UnionWith(_groups.Keys.Concat(_whole.Groups.Keys));
                Replace();
                break;
            default:
                break;
        }

        return (namespaces, groups);
    }

    private void Collect(PolicyNews news)
    {
        if (news.Part == 1)
        {
            _whole = ([], []);
        }

        foreach (var policy in news.Changed)
        {
            _whole.Policies[policy.Key] = policy;
        }

        Join(_whole.Groups, news);
    }

    private void Replace()
    {
        _policies.Clear();
        _groups.Clear();
        foreach (var policy in _whole.Policies.Values)
        {
            Put(policy);
        }

        foreach (var (id, members) in _whole.Groups)
        {
            _groups[id] = members;
        }

        _whole = ([], []);
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
