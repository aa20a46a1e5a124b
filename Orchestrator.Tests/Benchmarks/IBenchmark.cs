namespace Orchestrator.Benchmarks;

/// <summary>One measured scenario against a host in a process of its own.</summary>
internal interface IBenchmark
{
    string Name { get; }

    string What { get; }

    Task<IReadOnlyList<Figure>> RunAsync(BenchmarkRun run, CancellationToken cancellation);
}

/// <summary>How a run was asked for.</summary>
/// <param name="IsLong">Whether scenarios take their full length.</param>
/// <param name="Tell">Shows progress.</param>
internal sealed record BenchmarkRun(bool IsLong, Action<string> Tell);

/// <summary>One measured number.</summary>
/// <param name="Name">What was measured.</param>
/// <param name="Value">The number.</param>
/// <param name="Unit">Its unit.</param>
/// <param name="Budget">What is expected of it; null when nothing is.</param>
internal sealed record Figure(string Name, double Value, string Unit, Budget? Budget = null);

/// <summary>A bound on a figure.</summary>
internal sealed record Budget(double Value, bool IsFloor)
{
    public static Budget AtMost(double value) => new(value, false);

    public static Budget AtLeast(double value) => new(value, true);

    public bool IsMet(double value) => IsFloor ? value >= Value : value <= Value;
}
