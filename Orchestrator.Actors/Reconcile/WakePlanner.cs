using Orchestrator.Actors.Api;
using Orchestrator.Actors.Feed;

namespace Orchestrator.Actors.Reconcile;

/// <summary>Finds the objects that changes wake: the owners of changed objects, and what the rules of the controllers name. Pure.</summary>
/// <param name="controllers">The controllers of all kinds that have one.</param>
internal sealed class WakePlanner(IReadOnlyCollection<IController> controllers)
{
    private readonly HashSet<string> _kinds = [.. controllers.Select(c => c.Kind.Resource)];
    private readonly WakeRule[] _rules = [.. controllers.SelectMany(c => c.WokenBy)];

    /// <summary>All objects with a controller.</summary>
    public IEnumerable<KubeObject> All(IClusterView view) => controllers.SelectMany(c => view.All(c.Kind));

    /// <summary>Returns the objects that a batch wakes, each with the latest revision that does.</summary>
    public IReadOnlyDictionary<ObjectKey, long> Woken(FeedBatch batch, IClusterView view)
    {
        var woken = new Dictionary<ObjectKey, long>();
        var concerns = new Dictionary<(WakeRule Rule, WakeConcern Concern), long>();
        foreach (var change in batch.Changes)
        {
            Look(change.Object, change.Revision);
            if (change.Previous is { } before)
            {
                Look(before, change.Revision);
            }
        }

        foreach (var ((rule, concern), revision) in concerns)
        {
            foreach (var key in rule.Woken(concern, view))
            {
                woken[key] = Math.Max(revision, woken.GetValueOrDefault(key));
            }
        }

        return woken;

        void Look(KubeObject version, long revision)
        {
            foreach (var owner in version.Owners)
            {
                if (view.Registry.KeyOf(owner, version.Namespace) is { } key && _kinds.Contains(key.Resource))
                {
                    woken[key] = revision;
                }
            }

            foreach (var rule in _rules)
            {
                if (rule.Concern(version) is { } concern)
                {
                    concerns[(rule, concern)] = revision;
                }
            }
        }
    }
}
