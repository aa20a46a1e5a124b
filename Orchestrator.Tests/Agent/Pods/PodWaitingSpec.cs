using Orchestrator.Actors.Kinds.Pods;
using Orchestrator.Tests.Kit;
using k8s.Models;
using Orchestrator.Node.Agent;
using Orchestrator.Node.Agent.Pods;

namespace Orchestrator.Tests.Agent.Pods;

public sealed class PodWaitingSpec
{
    private static readonly DateTimeOffset Now = new(2030, 1, 1, 0, 0, 0, TimeSpan.Zero);

    private static readonly PodManifest Pod = new V1Pod
    {
        Metadata = new V1ObjectMeta { Name = "web", NamespaceProperty = "default", Uid = "u" },
        Spec = new V1PodSpec { Containers = [new V1Container { Name = "main", Image = "shop:1" }] },
    }.Manifest();

    [Theory]
    [InlineData(1, null)]
    [InlineData(2, "back-off 10s restarting failed container=main pod=web_default(u)")]
    [InlineData(5, "back-off 1m20s restarting failed container=main pod=web_default(u)")]
    public void A_container_that_dies_again_and_again_is_in_a_crash_loop_from_the_second_time(int streak, string? message)
    {
        var memory = PodMemory.Empty.With("main", m => m with { Streak = streak, CountedAttempt = 4 });
        var wait = PodWaiting.Explain(Pod, Exited(4), memory, Now.AddSeconds(9), Now);
        Assert.Equal(message is null ? null : new WaitingReason("CrashLoopBackOff", message), wait.Memory["main"].Waiting);
        Assert.Equal(message is null ? 0 : 1, wait.RecordedEvents.Length);
        Assert.Equal(TimeSpan.FromSeconds(9), wait.Wake);
        Assert.Empty(PodWaiting.Explain(Pod, Exited(4), wait.Memory, Now.AddSeconds(9), Now).RecordedEvents.Where(_ => message is not null));
    }

    [Theory]
    [InlineData("Always", true, 0, false)]
    [InlineData("Always", true, 1, true)]
    [InlineData("Always", false, 0, true)]
    [InlineData("OnFailure", false, 0, false)]
    [InlineData("OnFailure", false, 1, true)]
    public void What_has_ended_well_for_good_is_in_no_crash_loop_though_it_failed_before(string policy, bool isInit, int exitCode, bool isLoop)
    {
        V1Container ended = new() { Name = "main", Image = "shop:1" }, other = new() { Name = "other", Image = "shop:1" };
        var pod = new V1Pod
        {
            Metadata = new V1ObjectMeta { Name = "web", NamespaceProperty = "default", Uid = "u" },
            Spec = new V1PodSpec { RestartPolicy = policy, InitContainers = isInit ? [ended] : [], Containers = isInit ? [other] : [ended, other] },
        }.Manifest();
        var memory = PodMemory.Empty.With("main", m => m with { Streak = 3, CountedAttempt = 4 });
        var wait = PodWaiting.Explain(pod, Exited(4, exitCode), memory, Now.AddSeconds(9), Now);
        Assert.Equal(isLoop, wait.Memory["main"].Waiting is not null);
        Assert.Equal(isLoop ? 1 : 0, wait.RecordedEvents.Length);
    }

    [Fact]
    public void An_image_error_is_shown_for_two_seconds_and_is_back_off_after_that()
    {
        var memory = PodMemory.Empty.With("main", m => m with { Failures = 1, NotBefore = Now.AddSeconds(10), Waiting = new WaitingReason("ErrImagePull", "no route") });
        var first = PodWaiting.Explain(Pod, null, memory, Now.AddSeconds(10), Now);
        Assert.Equal("ErrImagePull", first.Memory["main"].Waiting!.Reason);
        Assert.InRange(first.Wake, TimeSpan.FromSeconds(2), TimeSpan.FromSeconds(2.1));
        var later = PodWaiting.Explain(Pod, null, first.Memory, Now.AddSeconds(10), Now + first.Wake);
        Assert.Equal(new WaitingReason("ImagePullBackOff", "Back-off pulling image \"shop:1\""), later.Memory["main"].Waiting);
        Assert.Equal(Now.AddSeconds(10), Now + first.Wake + later.Wake);
    }

    private static RuntimePodStatus Exited(int attempt, int exitCode = 1) => new("u", "default", "web", "10.0.0.1", true,
        [new RuntimeContainerStatus("main", "c", attempt, ContainerState.Exited, "shop:1", "id", Now.AddSeconds(-2), Now.AddSeconds(-1), exitCode, false)]);
}
