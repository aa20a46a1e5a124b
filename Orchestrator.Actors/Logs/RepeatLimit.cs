namespace Orchestrator.Actors.Logs;

/// <summary>Says what happens again and again to the same object for the same reason once, then counts. Not thread-safe.</summary>
/// <param name="capacity">Number of pairs of object and reason that are remembered; one that is forgotten is new again.</param>
public sealed class RepeatLimit(int capacity = 10_000)
{
    private readonly Dictionary<(string Object, string Reason), (DateTimeOffset NotBefore, int Untold)> _known = [];

    /// <summary>Takes an occurrence.</summary>
    /// <param name="about">The object.</param>
    /// <param name="reason">The reason.</param>
    /// <param name="times">How often it occurred.</param>
    /// <param name="gap">Minimum time between two lines.</param>
    /// <param name="now">The current time.</param>
    /// <returns>How often it has occurred since it was last told, if it is to be told now; else 0.</returns>
    public int Take(string about, string reason, int times, TimeSpan gap, DateTimeOffset now)
    {
        var (notBefore, untold) = _known.GetValueOrDefault((about, reason));
        if (now < notBefore)
        {
            _known[(about, reason)] = (notBefore, untold + times);
            return 0;
        }

        if (_known.Count >= capacity)
        {
            Forget(now);
        }

        _known[(about, reason)] = (now + gap, 0);
        return untold + times;
    }

    private void Forget(DateTimeOffset now)
    {
        foreach (var over in _known.Where(k => k.Value.NotBefore <= now).Select(k => k.Key).ToList())
        {
            _known.Remove(over);
        }

        if (_known.Count >= capacity)
        {
            _known.Clear();
        }
    }
}
