namespace Orchestrator.Tests.Faults;

/// <summary>One fault that was injected. Times are since the start of the run.</summary>
/// <param name="Fault">Its name.</param>
/// <param name="Target">What it was done to.</param>
/// <param name="Began">When it was injected.</param>
/// <param name="Healed">When its cause was removed.</param>
/// <param name="Recovered">When every host was ready and stored a write again.</param>
/// <param name="Problem">What did not happen in time; null if all did.</param>
internal sealed record FaultTry(string Fault, string Target, TimeSpan Began, TimeSpan Healed, TimeSpan Recovered, string? Problem)
{
    /// <summary>One line of a history.</summary>
    public override string ToString() =>
        $"{Began.TotalSeconds,9:0.000}–{Healed.TotalSeconds:0.000}  fault {Fault} of {Target}; recovered at {Recovered.TotalSeconds:0.000}{(Problem is null ? "" : ": " + Problem)}";
}
