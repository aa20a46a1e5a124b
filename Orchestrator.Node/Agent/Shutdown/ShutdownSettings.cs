using System.Collections.Immutable;

namespace Orchestrator.Node.Agent.Shutdown;

/// <summary>How long pods of a priority get to end when their node shuts down.</summary>
/// <param name="Priority">The least priority of the pods.</param>
/// <param name="Period">The time.</param>
internal sealed record ShutdownGroup(int Priority, TimeSpan Period);

/// <summary>How a node ends its pods when the machine shuts down (Kubernetes, "Node Shutdowns", graceful node shutdown; the kubelet's shutdownGracePeriod, shutdownGracePeriodCriticalPods and
/// shutdownGracePeriodByPodPriority).</summary>
/// <param name="Groups">The groups of pods by ascending priority; none if pods are left alone.</param>
/// <param name="OnStop">Whether a host that is told to stop (SIGTERM) ends its pods too, because on its machine that means a shutdown.</param>
internal sealed record ShutdownSettings(ImmutableArray<ShutdownGroup> Groups, bool OnStop)
{
    private const int SystemCritical = 2_000_000_000;

    /// <summary>Pods are left alone.</summary>
    public static readonly ShutdownSettings Off = new([], false);

    /// <summary>Whether pods end with their node.</summary>
    public bool IsOn => !Groups.IsEmpty;

    /// <summary>How long all pods together may take.</summary>
    public TimeSpan Total => Groups.Aggregate(TimeSpan.Zero, (sum, g) => sum + g.Period);

    /// <summary>The groups of the two simple settings: critical pods end last, in the last part of the time.</summary>
    /// <param name="all">Time for all pods.</param>
    /// <param name="critical">The part of it that is for critical pods.</param>
    public static ImmutableArray<ShutdownGroup> Simple(TimeSpan all, TimeSpan critical) =>
        all <= TimeSpan.Zero ? [] : [new ShutdownGroup(0, all - critical), new ShutdownGroup(SystemCritical, critical)];
}
