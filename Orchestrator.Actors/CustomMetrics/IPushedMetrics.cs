namespace Orchestrator.Actors.CustomMetrics;

/// <summary>Read access to the values that clients push and that agents read from pods. Kept in memory and lost with the host.</summary>
public interface IPushedMetrics
{
    /// <summary>Nobody has pushed anything.</summary>
    static readonly IPushedMetrics None = new Nothing();

    /// <summary>Gets the present values of a metric.</summary>
    /// <param name="resource">Resource of the objects; empty for an external metric.</param>
    /// <param name="ns">Namespace; empty for cluster-scoped objects.</param>
    /// <param name="metric">Name of the metric.</param>
    IReadOnlyCollection<PushedMetric> Find(string resource, string ns, string metric);

    private sealed class Nothing : IPushedMetrics
    {
        public IReadOnlyCollection<PushedMetric> Find(string resource, string ns, string metric) => [];
    }
}
