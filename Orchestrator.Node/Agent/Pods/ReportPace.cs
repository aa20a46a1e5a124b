namespace Orchestrator.Node.Agent.Pods;

/// <summary>How often the status of one pod is reported: a few reports at once, then one a second, and fewer the larger they are, because each is an event
/// of the journal. A token bucket; part of the pod's actor.</summary>
internal sealed class ReportPace
{
    /// <summary>Reports of a small pod that may follow each other without a pause. 12 are more than a start of three containers needs.</summary>
    public const int Burst = 12;

    /// <summary>Containers for which a report counts as one more.</summary>
    public const int Large = 200;

    /// <summary>Time in which one report is allowed again.</summary>
    public static readonly TimeSpan Interval = TimeSpan.FromSeconds(1);

    private double _tokens = Burst;
    private DateTimeOffset _at;

    /// <summary>Takes a report, or returns how long it has to wait.</summary>
    /// <param name="containers">Number of containers whose status the report contains.</param>
    /// <param name="now">Current time.</param>
    /// <returns>Zero if the report may be sent now.</returns>
    public TimeSpan Take(int containers, DateTimeOffset now)
    {
        _tokens = Math.Min(Burst, _tokens + ((now - _at) / Interval));
        _at = now;

        // A large report is let through as soon as nothing is owed, and paid for afterwards.
        if (_tokens < 1)
        {
            return (1 - _tokens) * Interval;
        }

        _tokens -= 1 + ((double)containers / Large);
        return TimeSpan.Zero;
    }
}
