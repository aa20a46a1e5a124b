namespace Orchestrator.Actors.Entities;

/// <summary>Schedules new decisions after failures. Pure: times are arguments, measured on a monotonic clock.</summary>
/// <typeparam name="T">The subject of a command.</typeparam>
/// <param name="policy">The delays.</param>
/// <param name="bound">Time after a try in which it can fail; afterwards earlier failures are forgotten.</param>
internal sealed class Retries<T>(RetryPolicy policy, TimeSpan bound) where T : notnull
{
    private readonly Dictionary<T, Entry> _entries = [];

    /// <summary>When to call <see cref="Take"/>; null for never.</summary>
    public TimeSpan? DueAt => _entries.Count == 0 ? null : _entries.Values.Min(e => e.At);

    /// <summary>Records a failure. Several failures before the next try count as one.</summary>
    /// <returns>When the next try is due.</returns>
    public TimeSpan Failed(T about, TimeSpan now)
    {
        if (!_entries.TryGetValue(about, out var entry) || !entry.IsWaiting)
        {
            var failures = entry.Failures + 1;
            _entries[about] = entry = new Entry(failures, now + policy.Delay(failures), IsWaiting: true);
        }

        return entry.At;
    }

    /// <summary>Records a success, which resets the number of failures.</summary>
    public void Succeeded(T about)
    {
        if (_entries.TryGetValue(about, out var entry) && !entry.IsWaiting)
        {
            _entries.Remove(about);
        }
    }

    /// <summary>Returns the subjects that are due, earliest first.</summary>
    public IReadOnlyList<T> Take(TimeSpan now)
    {
        var due = _entries.Where(e => e.Value.At <= now).OrderBy(e => e.Value.At).ToList();
        foreach (var (about, entry) in due)
        {
            _entries.Remove(about);
            if (entry.IsWaiting)
            {
                _entries[about] = new Entry(entry.Failures, now + bound, IsWaiting: false);
            }
        }

        return [.. due.Where(e => e.Value.IsWaiting).Select(e => e.Key)];
    }

    /// <summary>Consecutive failures of one subject.</summary>
    /// <param name="Failures">Number of failures.</param>
    /// <param name="At">Due time; after it was taken, the time when it is forgotten.</param>
    /// <param name="IsWaiting">Whether it waits for its due time.</param>
    private readonly record struct Entry(int Failures, TimeSpan At, bool IsWaiting);
}
