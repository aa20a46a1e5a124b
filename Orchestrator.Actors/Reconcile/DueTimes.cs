using Orchestrator.Actors.Api;

namespace Orchestrator.Actors.Reconcile;

/// <summary>The earliest requested due time of each object. Times are measured from the start of the reconcile trigger.</summary>
internal sealed class DueTimes
{
    private readonly PriorityQueue<ObjectKey, TimeSpan> _queue = new();
    private readonly Dictionary<ObjectKey, TimeSpan> _due = [];

    /// <summary>The earliest time at which an object may be due; null if there is none.</summary>
    public TimeSpan? Next => _queue.TryPeek(out _, out var at) ? at : null;

    /// <summary>Sets the due time of an object, unless an earlier one is set.</summary>
    public void Add(ObjectKey key, TimeSpan at)
    {
        if (!_due.TryGetValue(key, out var known) || at < known)
        {
            _due[key] = at;
            _queue.Enqueue(key, at);
        }
    }

    /// <summary>Removes and returns the objects that are due.</summary>
    public IReadOnlyList<ObjectKey> Take(TimeSpan now)
    {
        var taken = new List<ObjectKey>();
        while (_queue.TryPeek(out var key, out var at) && at <= now)
        {
            _queue.Dequeue();

            // An object that got an earlier due time is in the queue twice; skip the later entry.
            if (_due.TryGetValue(key, out var due) && due == at)
            {
                _due.Remove(key);
                taken.Add(key);
            }
        }

        return taken;
    }
}
