using System.Collections.Immutable;
using Orchestrator.Actors.Wire;

namespace Orchestrator.Actors.CustomMetrics;

/// <summary>Values that a client has pushed, sent to every control host. They are never journaled.</summary>
/// <param name="Values">The values.</param>
public sealed record PushedMetrics(ImmutableArray<PushedMetric> Values) : IWireMessage;

/// <summary>A value of a metric: of an object (<c>custom.metrics.k8s.io</c>), or of something outside of the cluster (<c>external.metrics.k8s.io</c>).</summary>
/// <param name="Resource">Resource of the object, such as <c>pods</c> or <c>deployments.apps</c>; empty for an external metric.</param>
/// <param name="Namespace">Namespace; empty for a cluster-scoped object.</param>
/// <param name="Name">Name of the object; empty for an external metric.</param>
/// <param name="Metric">Name of the metric.</param>
/// <param name="Labels">Labels of the value: an object may have several values of one metric that differ in them.</param>
/// <param name="Milli">The value in thousandths.</param>
/// <param name="At">When it was measured.</param>
/// <param name="Window">Time over which it is an average; zero if it is of the moment.</param>
public sealed record PushedMetric(string Resource, string Namespace, string Name, string Metric, ImmutableSortedDictionary<string, string> Labels, long Milli, DateTimeOffset At, TimeSpan Window)
{
    /// <summary>Name and labels: what tells it from other values of the metric.</summary>
    internal string Series => $"{Name}|{string.Join(',', Labels.Select(l => $"{l.Key}={l.Value}"))}";
}
