using System.Collections.Immutable;

namespace Orchestrator.Actors.ResourceMetrics;

/// <summary>Read access to what nodes and pods use now, and used in the last hours. Kept in memory and lost with the host: after its start there are no metrics until the agents report.</summary>
public interface IResourceMetrics
{
    /// <summary>No metrics of anything.</summary>
    static readonly IResourceMetrics None = new Nothing();

    /// <summary>Gets what a node uses; null if its agent has not reported it lately.</summary>
    ResourceUsage? Node(string name);

    /// <summary>Gets what a pod uses; null if it has no samples, because it has just been started, has ended or its agent is lost.</summary>
    PodUsage? Pod(string uid);

    /// <summary>Gets what a node used in the last hours, the oldest first; empty if nothing is known.</summary>
    ImmutableArray<UsagePoint> NodeHistory(string name) => [];

    /// <summary>Gets what a pod used in the last hours, the oldest first; empty if nothing is known.</summary>
    ImmutableArray<UsagePoint> PodHistory(string uid) => [];

    private sealed class Nothing : IResourceMetrics
    {
        public ResourceUsage? Node(string name) => null;

        public PodUsage? Pod(string uid) => null;
    }
}
