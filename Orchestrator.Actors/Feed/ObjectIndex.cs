using Orchestrator.Actors.Api;

namespace Orchestrator.Actors.Feed;

/// <summary>The objects under each <see cref="IndexKey"/>. A new version of an object replaces the previous one in one step, however
/// many keys it has. Thread-safe.</summary>
internal sealed class ObjectIndex
{
    private readonly Lock _gate = new();
    private readonly Dictionary<string, Slot> _slots = [];
    private readonly Dictionary<IndexKey, HashSet<Slot>> _entries = [];

    /// <summary>Applies changes in order.</summary>
    public void Apply(IReadOnlyList<(KubeObject? Before, KubeObject? After)> changes)
    {
        lock (_gate)
        {
            foreach (var (before, after) in changes)
            {
                Apply(before, after);
            }
        }
    }

    /// <summary>Gets the objects under a key, as a copy in no particular order.</summary>
    public IReadOnlyCollection<KubeObject> Find(IndexKey key)
    {
        lock (_gate)
        {
            return _entries.TryGetValue(key, out var slots) ? [.. slots.Select(s => s.Current)] : [];
        }
    }

    /// <summary>Gets an object by its uid; null if there is none.</summary>
    public KubeObject? ByUid(string uid)
    {
        lock (_gate)
        {
            return _slots.GetValueOrDefault(uid)?.Current;
        }
    }

    private void Apply(KubeObject? before, KubeObject? after)
    {
        if (before is not null && after is not null && before.Uid == after.Uid && IndexKey.SameFor(before, after) && _slots.TryGetValue(after.Uid, out var kept))
        {
            kept.Current = after;
            return;
        }

        if (before is not null && _slots.Remove(before.Uid, out var gone))
        {
            foreach (var key in IndexKey.Of(before))
            {
                if (_entries.TryGetValue(key, out var slots) && slots.Remove(gone) && slots.Count == 0)
                {
                    _entries.Remove(key);
                }
            }
        }

        if (after is not null)
        {
            var slot = _slots[after.Uid] = new Slot(after);
            foreach (var key in IndexKey.Of(after))
            {
                if (!_entries.TryGetValue(key, out var slots))
                {
                    _entries[key] = slots = [];
                }

                slots.Add(slot);
            }
        }
    }

    private sealed class Slot(KubeObject current)
    {
        public KubeObject Current { get; set; } = current;
    }
}
