using k8s.Models;
using Orchestrator.Actors.Kinds.Pods;

namespace Orchestrator.Node.Agent.Pods;

/// <summary>Why the agent fails a pod whatever its containers do. What runs is stopped first.</summary>
/// <param name="Reason">CamelCase reason of the status.</param>
/// <param name="Message">Message of the status and of the Event.</param>
internal sealed record PodFailure(string Reason, string Message)
{
    /// <summary>The most time that its containers get to end; null for that of its spec.</summary>
    public TimeSpan? Grace { get; init; }

    /// <summary>Whether the node takes it away from the pod, which the condition DisruptionTarget says.</summary>
    public bool IsDisruption { get; init; }

    /// <summary>Whether everything of it is removed from the node, logs and volumes too.</summary>
    public bool ReleasesContent { get; init; }

    // Kubernetes, "Using sysctls in a Kubernetes Cluster": isolated from other pods and harmless to the node.
    private static readonly HashSet<string> SafeSysctls = new(StringComparer.Ordinal)
    {
        "kernel.shm_rmid_forced", "net.ipv4.ip_local_port_range", "net.ipv4.ip_local_reserved_ports", "net.ipv4.ip_unprivileged_port_start", "net.ipv4.ping_group_range",
        "net.ipv4.tcp_fin_timeout", "net.ipv4.tcp_keepalive_intvl", "net.ipv4.tcp_keepalive_probes", "net.ipv4.tcp_keepalive_time", "net.ipv4.tcp_rmem", "net.ipv4.tcp_syncookies",
        "net.ipv4.tcp_wmem",
    };

    /// <summary>Why a pod fails now; null if it does not. What has ended by itself has not failed, though nobody may have heard of it yet.</summary>
    /// <param name="pod">The pod.</param>
    /// <param name="observed">Its status in the runtime.</param>
    /// <param name="memory">State that the agent keeps in memory.</param>
    /// <param name="deadline">See <see cref="Deadline"/>.</param>
    /// <param name="now">The current time.</param>
    public static PodFailure? Of(PodManifest pod, RuntimePodStatus? observed, PodMemory memory, DateTimeOffset? deadline, DateTimeOffset now) =>
        pod.HasEnded || PodPlanner.IsOver(pod.Spec, observed, memory) ? null : Of(pod.Spec) ?? (deadline <= now ? Expired : null);

    /// <summary>Why a pod may not run on any node; null if it may.</summary>
    public static PodFailure? Of(V1PodSpec spec) => spec.SecurityContext?.Sysctls?.FirstOrDefault(s => !SafeSysctls.Contains(s.Name.Replace('/', '.'))) is { } unsafeOne
        ? new PodFailure("SysctlForbidden", $"forbidden sysctl: \"{unsafeOne.Name}\" not allowlisted") : null;

    /// <summary>When a pod has been active for as long as it may be (<c>activeDeadlineSeconds</c>); null for never.</summary>
    /// <param name="spec">The spec.</param>
    /// <param name="started">The start time of its status; null if it has none yet.</param>
    public static DateTimeOffset? Deadline(V1PodSpec spec, DateTimeOffset? started) => spec.ActiveDeadlineSeconds is { } seconds && started is { } start ? start.AddSeconds(Math.Min(seconds, int.MaxValue)) : null;

    /// <summary>It has been active for too long.</summary>
    public static PodFailure Expired { get; } = new("DeadlineExceeded", "Pod was active on the node longer than the specified deadline");
}
