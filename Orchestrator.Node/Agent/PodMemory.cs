using System.Collections.Immutable;

namespace Orchestrator.Node.Agent;

/// <summary>What the agent knows of a pod beyond what the runtime shows; lost with the process without harm.</summary>
/// <param name="Containers">By name.</param>
internal sealed record PodMemory(ImmutableDictionary<string, ContainerMemory> Containers)
{
    public static readonly PodMemory Empty = new(ImmutableDictionary<string, ContainerMemory>.Empty);

    public ContainerMemory this[string container] => Containers.GetValueOrDefault(container, ContainerMemory.None);

    public PodMemory With(string container, Func<ContainerMemory, ContainerMemory> change) =>
        this[container] is var before && change(before) is var after && ReferenceEquals(before, after) ? this : new(Containers.SetItem(container, after));
}

/// <summary>What the agent knows of one container.</summary>
/// <param name="Failures">Failed attempts to get its image or to start it, in a row.</param>
/// <param name="NotBefore">No next attempt earlier than this.</param>
/// <param name="Waiting">Why it waits; null when nothing hinders it.</param>
/// <param name="IsImagePresent">Whether its image was made present for the next attempt.</param>
/// <param name="Streak">Short-lived runs in a row; null until counted.</param>
/// <param name="CountedAttempt">The last attempt that <paramref name="Streak"/> counts.</param>
/// <param name="Probes">Outcomes of its probes.</param>
/// <param name="Hooked">The attempt whose postStart hook is not through yet; null when there is none.</param>
internal sealed record ContainerMemory(int Failures = 0, DateTimeOffset? NotBefore = null, WaitingReason? Waiting = null,
    bool IsImagePresent = false, int? Streak = null, int CountedAttempt = -1, ProbeOutcome? Probes = null, int? Hooked = null)
{
    public static readonly ContainerMemory None = new();
}

/// <summary>A container's waiting state.</summary>
internal sealed record WaitingReason(string Reason, string Message);

/// <summary>What the probes of one attempt say.</summary>
/// <param name="Attempt">The attempt that they probe.</param>
/// <param name="IsStarted">The startup probe succeeded (true without one).</param>
/// <param name="IsReady">The readiness probe succeeds (true without one).</param>
/// <param name="KillReason">A liveness or startup probe gave it up; null otherwise.</param>
internal sealed record ProbeOutcome(int Attempt, bool IsStarted, bool IsReady, string? KillReason = null)
{
    /// <summary>The startup probe gave it up.</summary>
    public const string FailedStartup = "failed startup probe";

    /// <summary>The liveness probe gave it up.</summary>
    public const string FailedLiveness = "failed liveness probe";
}
