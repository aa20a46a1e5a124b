namespace Orchestrator.Tests.Simulation;

/// <summary>What happened, in order: a hash of everything, and the last lines as text.</summary>
internal sealed class Trace(Timeline time, int kept = 400)
{
    private readonly Queue<string> _last = new();

    /// <summary>Hash (FNV-1a) of all lines. Two runs of a seed have the same.</summary>
    public ulong Hash { get; private set; } = 14695981039346656037;

    /// <summary>Number of lines.</summary>
    public long Count { get; private set; }

    /// <summary>The last lines.</summary>
    public IReadOnlyCollection<string> Last => _last;

    /// <summary>Adds a line.</summary>
    public void Note(string line)
    {
        line = string.Create(System.Globalization.CultureInfo.InvariantCulture, $"{time.Now.TotalSeconds,10:0.0000} {line}");
        foreach (var letter in line)
        {
            Hash = unchecked((Hash ^ letter) * 1099511628211);
        }

        Count++;
        _last.Enqueue(line);
        if (_last.Count > kept)
        {
            _last.Dequeue();
        }
    }
}
