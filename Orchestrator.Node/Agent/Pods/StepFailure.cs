using Orchestrator.Actors.Journal;
using Orchestrator.Node.Agent.Launch;

namespace Orchestrator.Node.Agent.Pods;

/// <summary>Classifies a failed step. Pure.</summary>
internal abstract record StepFailure
{
    /// <summary>The runtime does not answer. The failure does not count against any container.</summary>
    internal sealed record RuntimeUnavailable(string Why) : StepFailure;

    /// <summary>One container failed and is retried after a back-off; the others continue.</summary>
    internal sealed record ContainerBackOff(PodMemory Memory, RecordedEvent Event) : StepFailure;

    /// <summary>An unexpected error: the pod is observed again; its sandbox is retried after this delay at the earliest.</summary>
    internal sealed record Unexpected(RecordedEvent Event, TimeSpan SandboxDelay) : StepFailure;

    /// <param name="about">See <see cref="PodSteps.About"/>.</param>
    /// <param name="cause">The exception.</param>
    /// <param name="memory">State of the containers.</param>
    /// <param name="earlier">Number of consecutive unexpected failures before this one.</param>
    /// <param name="now">Current time.</param>
    public static StepFailure Classify(string about, Exception cause, PodMemory memory, int earlier, DateTimeOffset now) => cause switch
    {
        RuntimeUnavailableException => new RuntimeUnavailable(cause.Message),
        ImageUnavailableException e => new ContainerBackOff(
            BackOff(memory, about, e.Reason, e.Message, now), new RecordedEvent("Warning", "Failed", Sentence(e.Message), "kubelet")),
        ContainerRefusedException e when PodSteps.IsContainer(about) => new ContainerBackOff(
            BackOff(memory, about, e.Reason, e.Message, now), new RecordedEvent("Warning", "Failed", $"Error: {e.Message}", "kubelet")),
        _ => new Unexpected(
            new RecordedEvent("Warning", cause is VolumeException failed ? failed.Reason : about switch { PodSteps.Sandbox => "FailedCreatePodSandBox", PodSteps.Volumes => "FailedMount", _ => "FailedSync" }, cause.Message, "kubelet"), PodPlanner.RetryDelay(earlier + 1)),
    };

    private static string Sentence(string message) => message.Length == 0 ? message : char.ToUpperInvariant(message[0]) + message[1..];

    private static PodMemory BackOff(PodMemory memory, string container, string reason, string message, DateTimeOffset now) => memory.With(container, m => m with
    {
        Failures = m.Failures + 1,
        NotBefore = now + PodPlanner.RetryDelay(m.Failures + 1),
        Waiting = new WaitingReason(reason, message),
        IsImagePresent = false,
    });
}
