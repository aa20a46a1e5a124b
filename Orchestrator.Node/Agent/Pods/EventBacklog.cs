using System.Collections.Immutable;
using Orchestrator.Actors.Journal;

namespace Orchestrator.Node.Agent.Pods;

/// <summary>The Events of a pod that are not in its journal yet. A new Event is due at once; a repeated one is counted and its count is written
/// at doubling intervals, so that a probe which fails for days costs few rows. Events under way are kept until <see cref="Settle"/>.
/// Part of the pod's actor; not thread-safe.</summary>
internal sealed class EventBacklog
{
    /// <summary>Delay before the first repetition is written; doubles with each write. 1 min.</summary>
    public static readonly TimeSpan FirstGap = TimeSpan.FromMinutes(1);

    /// <summary>Maximum delay of a repetition. 30 min.</summary>
    public static readonly TimeSpan LongestGap = TimeSpan.FromMinutes(30);

    /// <summary>An Event that did not occur for this long is new again (Kubernetes keeps Events for an hour).</summary>
    public static readonly TimeSpan Quiet = TimeSpan.FromHours(1);

    /// <summary>Maximum number of warnings with one reason and different messages; further ones are combined, as in the EventRecorder of Kubernetes. 10.</summary>
    public const int MaxSimilar = 10;

    private const string Combined = "(combined from similar events): ";
    private readonly Dictionary<RecordedEvent, Entry> _known = [];
    private readonly List<RecordedEvent> _waiting = [];
    private ImmutableArray<RecordedEvent> _taken = [];
    private DateTimeOffset _forgetAt;

    /// <summary>When the next Event is due; null if none waits.</summary>
    public DateTimeOffset? DueAt => _waiting.Count == 0 ? null : _waiting.Min(n => _known[n].NotBefore);

    /// <summary>Adds an Event.</summary>
    public void Add(RecordedEvent recorded, DateTimeOffset now)
    {
        Forget(now);
        var key = Key(recorded);
        if (!_known.TryGetValue(key, out var entry))
        {
            _known[key] = entry = new Entry();
        }

        entry.LastAt = now;
        Count(key, entry, recorded.Count);
    }

    /// <summary>Takes all waiting Events with their counts, due or not; they are under way until <see cref="Settle"/> or <see cref="GiveBack"/>.</summary>
    public ImmutableArray<RecordedEvent> Take(DateTimeOffset now)
    {
        _taken = [.. _waiting.Select(n => n with { Count = _known[n].Count })];
        foreach (var entry in _waiting.Select(n => _known[n]))
        {
            entry.Count = 0;
            entry.NotBefore = now + entry.Gap;
            entry.Gap = entry.Gap * 2 < LongestGap ? entry.Gap * 2 : LongestGap;
        }

        _waiting.Clear();
        return _taken;
    }

    /// <summary>The Events under way are written, or no longer needed.</summary>
    public void Settle() => _taken = [];

    /// <summary>The Events under way may not have been written: they are due again.</summary>
    public void GiveBack()
    {
        foreach (var recorded in _taken)
        {
            var key = recorded with { Count = 1 };
            if (!_known.TryGetValue(key, out var entry))
            {
                _known[key] = entry = new Entry();
            }

            entry.NotBefore = DateTimeOffset.MinValue;
            Count(key, entry, recorded.Count);
        }

        _taken = [];
    }

    private void Forget(DateTimeOffset now)
    {
        if (now < _forgetAt)
        {
            return;
        }

        _forgetAt = now + FirstGap;
        foreach (var old in _known.Where(k => k.Value.Count == 0 && now - k.Value.LastAt > Quiet).Select(k => k.Key).ToList())
        {
            _known.Remove(old);
        }
    }

    private void Count(RecordedEvent key, Entry entry, int count)
    {
        if (entry.Count == 0)
        {
            _waiting.Add(key);
        }

        entry.Count += count;
    }

    private RecordedEvent Key(RecordedEvent recorded)
    {
        var key = recorded with { Count = 1 };
        if (key.Type != "Warning" || _known.ContainsKey(key))
        {
            return key;
        }

        var similar = _known.Keys.Where(k => k.Reason == key.Reason && k.Type == key.Type).ToList();
        return similar.Count < MaxSimilar
            ? key
            : similar.Find(k => k.Message.StartsWith(Combined, StringComparison.Ordinal)) ?? key with { Message = Combined + key.Message };
    }

    private sealed class Entry
    {
        public int Count { get; set; }

        public DateTimeOffset LastAt { get; set; }

        public DateTimeOffset NotBefore { get; set; } = DateTimeOffset.MinValue;

        public TimeSpan Gap { get; set; } = FirstGap;
    }
}
