using System.Collections.Concurrent;

namespace Orchestrator.Actors.Kinds.HorizontalPodAutoscalers;

/// <summary>The memories of the autoscalers that decide on this host, by uid. Thread-safe; one entity writes each.</summary>
/// <remarks>About 30 bytes for each decision within an autoscaler's window: at 15 s and a window of an hour, the longest allowed, 7 KiB.</remarks>
internal sealed class AutoscalerMemories
{
    // Nothing in a memory matters for longer.
    private static readonly TimeSpan MaxAge = TimeSpan.FromHours(1);
    private readonly ConcurrentDictionary<string, AutoscalerMemory> _memories = new();
    private long _sweptAt;

    /// <summary>Gets the memory of an autoscaler.</summary>
    public AutoscalerMemory Of(string uid) => _memories.GetValueOrDefault(uid, AutoscalerMemory.Empty);

    /// <summary>Stores the memory of an autoscaler, and forgets those of autoscalers that are gone or decide elsewhere.</summary>
    public void Put(string uid, AutoscalerMemory memory, DateTimeOffset now)
    {
        _memories[uid] = memory;
        var sweptAt = Volatile.Read(ref _sweptAt);
        if (now.UtcTicks - sweptAt > MaxAge.Ticks && Interlocked.CompareExchange(ref _sweptAt, now.UtcTicks, sweptAt) == sweptAt)
        {
            foreach (var (stale, _) in _memories.Where(m => now - m.Value.SyncedAt > MaxAge))
            {
                _memories.TryRemove(stale, out _);
            }
        }
    }

    /// <summary>Forgets an autoscaler.</summary>
    public void Forget(string uid) => _memories.TryRemove(uid, out _);
}
