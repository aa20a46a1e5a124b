using System.Collections.Immutable;
using Orchestrator.Actors.Journal;

namespace Orchestrator.Node.Agent.Pods;

/// <summary>The Kubernetes Events of a pod on their way to its journal. A new one is due at once; one that repeats is counted, and its count is
/// due later and later, so that a probe which fails for days costs a row now and then. What was taken is kept until it is settled.
/// Part of a pod's actor, on its thread only.</summary>
internal sealed class EventBacklog
{
    /// <summary>Earliest write of a first repetition; each later one waits twice as long.</summary>
    public static readonly TimeSpan FirstGap = TimeSpan.FromMinutes(1);

    /// <summary>A repetition waits no longer than this.</summary>
    public static readonly TimeSpan LongestGap = TimeSpan.FromMinutes(30);

    /// <summary>What was not heard of for this long is new again (Kubernetes keeps Events for an hour).</summary>
    public static readonly TimeSpan Quiet = TimeSpan.FromHours(1);

    /// <summary>Warnings of one reason that differ in their message; further ones are counted together, as Kubernetes' recorder does.</summary>
    public const int MaxSimilar = 10;

    private const string Combined = "(combined from similar events): ";
    private readonly Dictionary<EventNote, Entry> _known = [];
    private readonly List<EventNote> _waiting = [];
    private ImmutableArray<EventNote> _taken = [];

    /// <summary>When the first of those that wait is due; null when none waits.</summary>
    public DateTimeOffset? DueAt => _waiting.Count == 0 ? null : _waiting.Min(n => _known[n].NotBefore);

    /// <summary>Adds one.</summary>
    public void Add(EventNote note, DateTimeOffset now)
    {
        foreach (var old in _known.Where(k => k.Value.Count == 0 && now - k.Value.LastAt > Quiet).Select(k => k.Key).ToList())
        {
            _known.Remove(old);
        }

        var key = Key(note);
        if (!_known.TryGetValue(key, out var entry))
        {
            _known[key] = entry = new Entry();
        }

        entry.LastAt = now;
        Count(key, entry, note.Count);
    }

    /// <summary>All that wait, due or not, with their counts; they are under way until <see cref="Settle"/> or <see cref="GiveBack"/>.</summary>
    public ImmutableArray<EventNote> Take(DateTimeOffset now)
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

    /// <summary>What was taken is written, or nobody wants it any more.</summary>
    public void Settle() => _taken = [];

    /// <summary>What was taken was not written, as far as is known: it is due again.</summary>
    public void GiveBack()
    {
        foreach (var note in _taken)
        {
            var key = note with { Count = 1 };
            if (!_known.TryGetValue(key, out var entry))
            {
                _known[key] = entry = new Entry();
            }

            entry.NotBefore = DateTimeOffset.MinValue;
            Count(key, entry, note.Count);
        }

        _taken = [];
    }

    private void Count(EventNote key, Entry entry, int count)
    {
        if (entry.Count == 0)
        {
            _waiting.Add(key);
        }

        entry.Count += count;
    }

    private EventNote Key(EventNote note)
    {
        var key = note with { Count = 1 };
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
