using System.Collections.Immutable;
using Orchestrator.Node.Agent.Pods;

namespace Orchestrator.Node.Agent;

/// <summary>State of a pod that the agent keeps in memory besides the status from the runtime. It can be lost: the agent rebuilds it after a restart.</summary>
/// <param name="Containers">By name.</param>
/// <param name="IsRuntimeDown">Whether the runtime does not answer. If so, the state of the containers is unknown and the pod is not ready.</param>
/// <param name="SandboxNotBefore">Time before which no other sandbox is created, so that one that ends at once is not replaced in a loop.</param>
/// <param name="Sources">Counts the changes of what its volumes show.</param>
/// <param name="Shown">The count of <paramref name="Sources"/> that its volumes have reached.</param>
/// <param name="Failure">Why the pod fails whatever its containers do; null if it does not.</param>
/// <param name="Content">What becomes of its containers and volumes once it has ended.</param>
/// <param name="Resize">What the node said when the pod asked for other resources; null if it has not.</param>
internal sealed record PodMemory(ImmutableDictionary<string, ContainerMemory> Containers, bool IsRuntimeDown = false, DateTimeOffset? SandboxNotBefore = null, int Sources = 0, int Shown = 0,
    PodFailure? Failure = null, PodContent Content = PodContent.Kept, ResizeVerdict? Resize = null)
{
    public static readonly PodMemory Empty = new(ImmutableDictionary<string, ContainerMemory>.Empty);

    public ContainerMemory this[string container] => Containers.GetValueOrDefault(container, ContainerMemory.None);

    public PodMemory With(string container, Func<ContainerMemory, ContainerMemory> change) =>
        this[container] is var before && change(before) is var after && ReferenceEquals(before, after) ? this : this with { Containers = Containers.SetItem(container, after) };
}

/// <summary>What becomes of the containers and volumes of a pod that has ended. They stay until it is deleted, for whoever wants to read its logs, unless the node needs the room.</summary>
internal enum PodContent
{
    /// <summary>They stay.</summary>
    Kept,

    /// <summary>They are to be removed.</summary>
    Unwanted,

    /// <summary>They are removed.</summary>
    Released,
}

/// <summary>State of a container that the agent keeps in memory.</summary>
/// <param name="Failures">Consecutive failures to pull its image or to start it.</param>
/// <param name="NotBefore">Time before which it is not tried again.</param>
/// <param name="Waiting">Why it waits; null if it does not.</param>
/// <param name="IsImagePresent">Whether its image is present for the next attempt.</param>
/// <param name="Streak">Consecutive crashes; null until counted.</param>
/// <param name="CountedAttempt">The last attempt that <paramref name="Streak"/> counts.</param>
/// <param name="Probes">Outcomes of its probes.</param>
/// <param name="PostStartPending">The attempt whose postStart hook has not completed; null if there is none.</param>
/// <param name="Resize">Why it does not have the resources that it asks for, although the node has room; null if nothing went wrong.</param>
internal sealed record ContainerMemory(int Failures = 0, DateTimeOffset? NotBefore = null, WaitingReason? Waiting = null,
    bool IsImagePresent = false, int? Streak = null, int CountedAttempt = -1, ProbeOutcome? Probes = null, int? PostStartPending = null, ResizeFault? Resize = null)
{
    public static readonly ContainerMemory None = new();
}

/// <summary>A container's waiting state.</summary>
internal sealed record WaitingReason(string Reason, string Message);

/// <summary>Results of the probes of one attempt.</summary>
/// <param name="Attempt">The probed attempt.</param>
/// <param name="IsStarted">The startup probe succeeded (true without one).</param>
/// <param name="IsReady">The readiness probe succeeds (true without one).</param>
/// <param name="KillReason">Which probe exceeded its failure threshold; null if none did.</param>
internal sealed record ProbeOutcome(int Attempt, bool IsStarted, bool IsReady, string? KillReason = null)
{
    /// <summary>The startup probe failed.</summary>
    public const string FailedStartup = "failed startup probe";

    /// <summary>The liveness probe failed.</summary>
    public const string FailedLiveness = "failed liveness probe";
}
