namespace Orchestrator.Tests.Simulation;

/// <summary>Simulated time: a queue of actions, each at its time; actions of the same time run in a random order. The clock of every part.</summary>
internal sealed class Timeline(Random random) : TimeProvider
{
    private static readonly DateTimeOffset Start = new(2026, 1, 2, 3, 4, 5, TimeSpan.Zero);
    private readonly PriorityQueue<Action, (long At, int Luck, long Number)> _queue = new();
    private long _number;

    /// <summary>Time since the start of the simulation.</summary>
    public TimeSpan Now { get; private set; }

    /// <summary>Number of actions that ran.</summary>
    public long Steps { get; private set; }

    /// <inheritdoc/>
    public override long TimestampFrequency => TimeSpan.TicksPerSecond;

    /// <inheritdoc/>
    public override DateTimeOffset GetUtcNow() => Start + Now;

    /// <inheritdoc/>
    public override long GetTimestamp() => Now.Ticks;

    /// <summary>Runs an action after a delay.</summary>
    public void After(TimeSpan delay, Action action) =>
        _queue.Enqueue(action, ((Now + (delay > TimeSpan.Zero ? delay : TimeSpan.Zero)).Ticks, random.Next(), _number++));

    /// <summary>Runs an action after a delay, unless a part has ended by then.</summary>
    public void After(TimeSpan delay, Life life, Action action) => After(delay, () =>
    {
        if (life.IsAlive)
        {
            action();
        }
    });

    /// <summary>Runs the next action.</summary>
    /// <returns>False if there is none.</returns>
    public bool Step()
    {
        if (!_queue.TryDequeue(out var action, out var at))
        {
            return false;
        }

        (Now, Steps) = (TimeSpan.FromTicks(at.At), Steps + 1);
        action();
        return true;
    }
}

/// <summary>One life of a part, from its start to its end. What was arranged for a life that is over does not happen.</summary>
internal sealed class Life
{
    public bool IsAlive { get; private set; } = true;

    public void End() => IsAlive = false;
}
