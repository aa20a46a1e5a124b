namespace Orchestrator.Node.Agent;

/// <summary>Locks by name, kept only while somebody has or wants them. Thread-safe.</summary>
internal sealed class KeyedLocks
{
    private readonly Dictionary<string, Entry> _entries = [];

    /// <summary>Waits for a lock. Whoever has it holds it for a bounded time.</summary>
    /// <returns>Gives it back when disposed.</returns>
    public async Task<IDisposable> EnterAsync(string name)
    {
        Entry entry;
        lock (_entries)
        {
            entry = _entries.TryGetValue(name, out var found) ? found : _entries[name] = new Entry();
            entry.Users++;
        }

        await entry.Gate.WaitAsync().ConfigureAwait(false);
        return new Held(this, name, entry);
    }

    private void Leave(string name, Entry entry)
    {
        entry.Gate.Release();
        lock (_entries)
        {
            if (--entry.Users == 0)
            {
                _entries.Remove(name);
                entry.Gate.Dispose();
            }
        }
    }

    private sealed class Entry
    {
        public SemaphoreSlim Gate { get; } = new(1);

        public int Users { get; set; }
    }

    private sealed class Held(KeyedLocks locks, string name, Entry entry) : IDisposable
    {
        public void Dispose() => locks.Leave(name, entry);
    }
}
