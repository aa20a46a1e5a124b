namespace Orchestrator.Node.Agent.KeptLogs;

/// <summary>How much is kept of the logs of pods that were removed.</summary>
/// <param name="KeepFor">How long after the removal; nothing is kept if it is zero.</param>
/// <param name="MaxBytes">Size of all that a node keeps; the oldest goes first.</param>
/// <param name="MaxLogBytes">Size of the end that is kept of the log of one container.</param>
internal sealed record KeptLogSettings(TimeSpan KeepFor, long MaxBytes, long MaxLogBytes);
