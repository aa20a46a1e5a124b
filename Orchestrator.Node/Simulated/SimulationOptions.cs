namespace Orchestrator.Node.Simulated;

/// <summary>Behaviour of simulated containers; all zero by default.</summary>
/// <param name="StartDelay">Time from the start request until the container runs.</param>
/// <param name="StopDelay">Time from SIGTERM until the exit.</param>
/// <param name="CrashRate">Probability that a container exits with code 1 within ten seconds, 0 to 1.</param>
/// <param name="FailureRate">Probability that a container cannot be started, 0 to 1.</param>
/// <param name="Seed">Seed of the random numbers.</param>
internal sealed record SimulationOptions(TimeSpan StartDelay = default, TimeSpan StopDelay = default, double CrashRate = 0, double FailureRate = 0, int Seed = 1);
