namespace Orchestrator.Actors.Entities;

/// <summary>What has to be decided again, and when. Pure: times are arguments, measured on a clock that never goes back.</summary>
/// <typeparam name="T">What a command is about.</typeparam>
/// <param name="policy">The delays.</param>
/// <param name="bound">How long after a try its failure may show. After it the failures so far are forgotten.</param>
internal sealed class Retries<T>(RetryPolicy policy, TimeSpan bound) where T : notnull
{
    private readonly Dictionary<T, Entry> _entries = [];

    /// <summary>When to call <see cref="Take"/>; null for never.</summary>
    public TimeSpan? DueAt => _entries.Count == 0 ? null : _entries.Values.Min(e => e.At);

    /// <summary>Records a failure. Those that come before the next try count as one.</summary>
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

    /// <summary>Records a success: the next failure is the first one again.</summary>
    public void Succeeded(T about)
    {
        if (_entries.TryGetValue(about, out var entry) && !entry.IsWaiting)
        {
            _entries.Remove(about);
        }
    }

    /// <summary>Returns what is due, the longest due first.</summary>
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

    /// <summary>The failures in a row of one thing.</summary>
    /// <param name="Failures">How many.</param>
    /// <param name="At">When it is due, or, once it was taken, when it is forgotten.</param>
    /// <param name="IsWaiting">Whether it was not taken since the last failure.</param>
    private readonly record struct Entry(int Failures, TimeSpan At, bool IsWaiting);
}
