namespace Orchestrator.Tests.Agent.Kills;

/// <summary>Counts what agents ask of the outside, and kills one of them before or after one of the questions. Thread-safe.</summary>
/// <param name="at">Number of the question, 0 for the first; -1: none.</param>
/// <param name="isAfter">Whether the question still has its effect. Nobody hears of it.</param>
internal sealed class KillPoint(int at = -1, bool isAfter = false)
{
    private readonly List<string> _asked = [];
    private int _activity;

    /// <summary>What was asked, in its order.</summary>
    public IReadOnlyList<string> Asked
    {
        get
        {
            lock (_asked)
            {
                return [.. _asked];
            }
        }
    }

    /// <summary>Rises whenever something is asked or answered.</summary>
    public int Activity => Volatile.Read(ref _activity);

    /// <summary>An agent asks; it may die of it.</summary>
    /// <returns>Whether it dies, and whether the question arrives.</returns>
    public (bool Dies, bool Arrives) Ask(string question)
    {
        Interlocked.Increment(ref _activity);
        lock (_asked)
        {
            _asked.Add(question);
            var dies = _asked.Count - 1 == at;
            return (dies, !dies || isAfter);
        }
    }

    /// <summary>It was answered.</summary>
    public void Answered() => Interlocked.Increment(ref _activity);
}

/// <summary>The life of one agent.</summary>
internal sealed class AgentLife
{
    /// <summary>Whether it was killed.</summary>
    public bool IsOver { get; private set; }

    /// <summary>It ends in the middle of whatever it does.</summary>
    public void End() => IsOver = true;
}
