using Orchestrator.Actors.Api;

namespace Orchestrator.Actors.Reconcile;

/// <summary>When which object is due: the earliest moment that was asked for. Moments are spans since the owner of the list began.</summary>
internal sealed class DueTimes
{
    private readonly PriorityQueue<ObjectKey, TimeSpan> _queue = new();
    private readonly Dictionary<ObjectKey, TimeSpan> _due = [];

    /// <summary>The first moment at which something may be due; null when nothing is.</summary>
    public TimeSpan? Next => _queue.TryPeek(out _, out var at) ? at : null;

    /// <summary>Objects that are waited for.</summary>
    public int Count => _due.Count;

    /// <summary>An object is due at a moment, unless it is before that already.</summary>
    public void Add(ObjectKey key, TimeSpan at)
    {
        if (!_due.TryGetValue(key, out var known) || at < known)
        {
            _due[key] = at;
            _queue.Enqueue(key, at);
        }
    }

    /// <summary>Takes out what is due.</summary>
    public IReadOnlyList<ObjectKey> Take(TimeSpan now)
    {
        var taken = new List<ObjectKey>();
        while (_queue.TryPeek(out var key, out var at) && at <= now)
        {
            _queue.Dequeue();

            // What was asked for earlier still stands in the queue under its later moment.
            if (_due.TryGetValue(key, out var due) && due == at)
            {
                _due.Remove(key);
                taken.Add(key);
            }
        }

        return taken;
    }
}
