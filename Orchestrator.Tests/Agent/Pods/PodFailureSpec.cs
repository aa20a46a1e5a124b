using k8s.Models;
using Orchestrator.Node.Agent;
using Orchestrator.Node.Agent.Pods;
using Orchestrator.Tests.Kit;

namespace Orchestrator.Tests.Agent.Pods;

/// <summary>Pods that fail whatever their containers do.</summary>
public sealed class PodFailureSpec
{
    [Theory]
    [InlineData("kernel.shm_rmid_forced", null)]
    [InlineData("net/ipv4/ip_unprivileged_port_start", null)]
    [InlineData("kernel.msgmax", "forbidden sysctl: \"kernel.msgmax\" not allowlisted")]
    [InlineData("vm.swappiness", "forbidden sysctl: \"vm.swappiness\" not allowlisted")]
    public void Only_parameters_that_are_safe_may_be_set(string name, string? why)
    {
        var spec = new V1PodSpec { SecurityContext = new V1PodSecurityContext { Sysctls = [new V1Sysctl { Name = "net.ipv4.tcp_syncookies", Value = "1" }, new V1Sysctl { Name = name, Value = "1" }] } };
        Assert.Equal(why is null ? null : new PodFailure("SysctlForbidden", why), PodFailure.Of(spec));
    }

    // Else a task that has succeeded would run again because its report was late.
    [Fact]
    public void What_has_ended_before_its_deadline_has_not_failed()
    {
        var now = new DateTimeOffset(2026, 1, 2, 3, 4, 5, TimeSpan.Zero);
        var pod = new V1Pod { Metadata = new V1ObjectMeta { Name = "p", Uid = "u" }, Spec = new V1PodSpec { RestartPolicy = "Never", Containers = [new V1Container { Name = "main", Image = "x" }] } }.Manifest();
        var ended = new RuntimePodStatus("u", "default", "p", null, true, [new RuntimeContainerStatus("main", "id", 0, ContainerState.Exited, "x", "x", now, now, 0, false, null, "s")], "s");
        Assert.Equal(PodFailure.Expired, PodFailure.Of(pod, null, PodMemory.Empty, now, now));
        Assert.Null(PodFailure.Of(pod, null, PodMemory.Empty, now.AddSeconds(1), now));
        Assert.Null(PodFailure.Of(pod, ended, PodMemory.Empty, now, now));
    }

    [Fact]
    public void The_deadline_counts_from_the_start_of_the_pod()
    {
        var start = new DateTimeOffset(2026, 1, 2, 3, 4, 5, TimeSpan.Zero);
        Assert.Equal(start.AddSeconds(30), PodFailure.Deadline(new V1PodSpec { ActiveDeadlineSeconds = 30 }, start));
        Assert.Equal(start.AddSeconds(int.MaxValue), PodFailure.Deadline(new V1PodSpec { ActiveDeadlineSeconds = long.MaxValue }, start));
        Assert.Null(PodFailure.Deadline(new V1PodSpec { ActiveDeadlineSeconds = 30 }, null));
        Assert.Null(PodFailure.Deadline(new V1PodSpec(), start));
    }
}
