using k8s.Models;
using Orchestrator.Node.Agent.Pods;

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

    [Fact]
    public void The_deadline_counts_from_the_start_of_the_pod()
    {
        var start = new DateTimeOffset(2026, 1, 2, 3, 4, 5, TimeSpan.Zero);
        Assert.Equal(start.AddSeconds(30), PodFailure.Deadline(new V1PodSpec { ActiveDeadlineSeconds = 30 }, start));
        Assert.Null(PodFailure.Deadline(new V1PodSpec { ActiveDeadlineSeconds = 30 }, null));
        Assert.Null(PodFailure.Deadline(new V1PodSpec(), start));
    }
}
