namespace Orchestrator.Node.Agent.Pages;

/// <summary>The last two samples of what pods use, for whoever asks between two of them. Thread-safe.</summary>
internal sealed class LatestStats
{
    private Pair? _pair;

    /// <summary>The last two; null before the first.</summary>
    public Pair? Value => Volatile.Read(ref _pair);

    /// <summary>Keeps a sample.</summary>
    public void Keep(RuntimeStats? before, RuntimeStats now) => Volatile.Write(ref _pair, new Pair(before, now));

    /// <summary>Two samples.</summary>
    /// <param name="Before">The one before; null if there is none.</param>
    /// <param name="Now">The last one.</param>
    internal sealed record Pair(RuntimeStats? Before, RuntimeStats Now);
}
