using Orchestrator.Actors.Journal;

namespace Orchestrator.Node.Agent.Pods;

/// <summary>What follows from a step that failed. Pure.</summary>
internal abstract record StepFailure
{
    /// <summary>The runtime is away: nothing is known, nothing is counted.</summary>
    internal sealed record Silence(string Why) : StepFailure;

    /// <summary>A container is hindered and tried again later; the others go on.</summary>
    internal sealed record Hindrance(PodMemory Memory, EventNote Note) : StepFailure;

    /// <summary>Something else: the pod looks again, its sandbox is tried no sooner than after this delay.</summary>
    internal sealed record Surprise(EventNote Note, TimeSpan SandboxDelay) : StepFailure;

    /// <param name="about">The container, or <see cref="PodSteps.Sandbox"/>.</param>
    /// <param name="cause">What was thrown.</param>
    /// <param name="memory">What is known of the containers.</param>
    /// <param name="earlier">Surprises before this one.</param>
    /// <param name="now">The present.</param>
    public static StepFailure Judge(string about, Exception cause, PodMemory memory, int earlier, DateTimeOffset now) => cause switch
    {
        RuntimeUnavailableException => new Silence(cause.Message),
        ImageUnavailableException e => new Hindrance(
            Hinder(memory, about, e.Reason, e.Message, now), new EventNote("Warning", "Failed", Sentence(e.Message), "kubelet")),
        ContainerRefusedException e when about != PodSteps.Sandbox => new Hindrance(
            Hinder(memory, about, e.Reason, e.Message, now), new EventNote("Warning", "Failed", $"Error: {e.Message}", "kubelet")),
        _ => new Surprise(
            new EventNote("Warning", about == PodSteps.Sandbox ? "FailedCreatePodSandBox" : "FailedSync", cause.Message, "kubelet"), PodPlanner.RetryDelay(earlier + 1)),
    };

    private static string Sentence(string message) => message.Length == 0 ? message : char.ToUpperInvariant(message[0]) + message[1..];

    private static PodMemory Hinder(PodMemory memory, string container, string reason, string message, DateTimeOffset now) => memory.With(container, m => m with
    {
        Failures = m.Failures + 1,
        NotBefore = now + PodPlanner.RetryDelay(m.Failures + 1),
        Waiting = new WaitingReason(reason, message),
        IsImagePresent = false,
    });
}
