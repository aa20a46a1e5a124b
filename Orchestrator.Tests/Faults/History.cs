using System.Collections.Concurrent;
using System.Diagnostics;

namespace Orchestrator.Tests.Faults;

/// <summary>All that clients and watchers were told, appended as it happens, on one clock.</summary>
internal sealed class History
{
    private readonly Stopwatch _clock = Stopwatch.StartNew();
    private readonly ConcurrentQueue<Operation> _operations = new();
    private readonly ConcurrentQueue<Seen> _seen = new();
    private readonly ConcurrentQueue<FaultTry> _tries = new();

    /// <summary>Time since the start of the run.</summary>
    public TimeSpan Now => _clock.Elapsed;

    public IReadOnlyList<Operation> Operations => [.. _operations];

    public IReadOnlyList<Seen> Seen => [.. _seen];

    public IReadOnlyList<FaultTry> Tries => [.. _tries];

    /// <summary>How many requests have ended.</summary>
    public int Count => _operations.Count;

    public void Add(Operation operation) => _operations.Enqueue(operation);

    public void Add(Seen seen) => _seen.Enqueue(seen);

    public void Add(FaultTry fault) => _tries.Enqueue(fault);
}
