using Orchestrator.Node.Agent;
using Orchestrator.Node.Agent.Pods;

namespace Orchestrator.Tests.Agent.Pods;

public sealed class StepFailureSpec
{
    private static readonly DateTimeOffset Now = new(2030, 1, 1, 0, 0, 0, TimeSpan.Zero);

    [Fact]
    public void A_silent_runtime_counts_against_nobody() =>
        Assert.Equal("gone", Assert.IsType<StepFailure.RuntimeUnavailable>(StepFailure.Classify("main", new RuntimeUnavailableException("gone"), PodMemory.Empty, 0, Now)).Why);

    [Theory]
    [InlineData(0, 10)]
    [InlineData(1, 20)]
    [InlineData(2, 40)]
    [InlineData(9, 300)]
    public void A_container_that_was_refused_waits_twice_as_long_each_time(int failures, int seconds)
    {
        var memory = PodMemory.Empty.With("main", m => m with { Failures = failures, IsImagePresent = true });
        var backOff = Assert.IsType<StepFailure.ContainerBackOff>(
            StepFailure.Classify("main", new ContainerRefusedException("RunContainerError", "no such file"), memory, 0, Now));
        Assert.Equal(
            new ContainerMemory(failures + 1, Now.AddSeconds(seconds), new WaitingReason("RunContainerError", "no such file")), backOff.Memory["main"]);
        Assert.Equal(("Warning", "Failed", "Error: no such file"), (backOff.Event.Type, backOff.Event.Reason, backOff.Event.Message));
    }

    [Fact]
    public void A_pull_that_failed_is_said_once()
    {
        var cause = new ImageUnavailableException("ErrImagePull", "failed to pull image \"shop:1\": no route");
        var backOff = Assert.IsType<StepFailure.ContainerBackOff>(StepFailure.Classify("main", cause, PodMemory.Empty, 0, Now));
        Assert.Equal("Failed to pull image \"shop:1\": no route", backOff.Event.Message);
        Assert.Equal("ErrImagePull", backOff.Memory["main"].Waiting!.Reason);
    }

    [Fact]
    public void A_refusal_hinders_its_own_container_only()
    {
        var memory = PodMemory.Empty.With("side", m => m with { Failures = 3 });
        var backOff = Assert.IsType<StepFailure.ContainerBackOff>(
            StepFailure.Classify("main", new ContainerRefusedException("CreateContainerError", "x"), memory, 0, Now));
        Assert.Equal(memory["side"], backOff.Memory["side"]);
    }

    [Theory]
    [InlineData(PodSteps.Sandbox, 0, "FailedCreatePodSandBox", 10)]
    [InlineData(PodSteps.Sandbox, 2, "FailedCreatePodSandBox", 40)]
    [InlineData(PodSteps.Volumes, 0, "FailedMount", 10)]
    [InlineData(PodSteps.Pod, 0, "FailedSync", 10)]
    [InlineData("main", 0, "FailedSync", 10)]
    public void Whatever_else_fails_is_said_and_delays_the_sandbox(string about, int earlier, string reason, int seconds)
    {
        var unexpected = Assert.IsType<StepFailure.Unexpected>(StepFailure.Classify(about, new IOException("disk full"), PodMemory.Empty, earlier, Now));
        Assert.Equal((reason, "disk full", TimeSpan.FromSeconds(seconds)), (unexpected.Event.Reason, unexpected.Event.Message, unexpected.SandboxDelay));
    }
}
