namespace Orchestrator.Node.Simulated;

/// <summary>How simulated containers behave; none of it by default.</summary>
/// <param name="StartDelay">From the start's request to the running container.</param>
/// <param name="StopDelay">From SIGTERM to the end.</param>
/// <param name="CrashRate">Share of started containers that exit with code 1 within ten seconds, 0 to 1.</param>
/// <param name="FailureRate">Share of starts that the runtime refuses, 0 to 1.</param>
/// <param name="Seed">Of the random choices.</param>
internal sealed record SimulationOptions(TimeSpan StartDelay = default, TimeSpan StopDelay = default, double CrashRate = 0, double FailureRate = 0, int Seed = 1);
