using System.Collections.Immutable;
using Orchestrator.Node.Agent.Pods;

namespace Orchestrator.Node.Agent.Shutdown;

/// <summary>The order in which pods end when their node shuts down. Pure.</summary>
internal static class ShutdownPlan
{
    /// <summary>Reason of a pod that was refused meanwhile.</summary>
    public const string Refused = "NodeShutdown";

    private const string Terminated = "Terminated";

    /// <summary>Why a pod is not taken any more.</summary>
    public static readonly PodFailure Refusal = new(Refused, "Pod was rejected as the node is shutting down.");

    /// <summary>Returns the groups that have pods, those of the lowest priority first. A pod is in the group with the highest priority that is not above its own, else in the lowest.</summary>
    /// <param name="groups">The groups by ascending priority.</param>
    /// <param name="pods">The pods that run, with their priorities.</param>
    public static ImmutableArray<(ShutdownGroup Group, ImmutableArray<string> Uids)> Of(ImmutableArray<ShutdownGroup> groups, IEnumerable<(string Uid, int Priority)> pods)
    {
        var members = pods.ToLookup(p => groups.LastOrDefault(g => g.Priority <= p.Priority) ?? groups[0], p => p.Uid);
        return [.. groups.Where(members.Contains).Select(g => (g, members[g].Order(StringComparer.Ordinal).ToImmutableArray()))];
    }

    /// <summary>How a pod of a group ends: within the time of the group, however much its spec gives it.</summary>
    public static PodFailure Failure(ShutdownGroup group) =>
        new(Terminated, "Pod was terminated in response to imminent node shutdown.") { Grace = group.Period, IsDisruption = true };
}
