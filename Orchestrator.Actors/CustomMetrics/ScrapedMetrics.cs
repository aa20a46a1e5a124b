using System.Collections.Immutable;
using Orchestrator.Actors.Api;
using Orchestrator.Actors.Wire;

namespace Orchestrator.Actors.CustomMetrics;

/// <summary>Values that an agent has read from a pod of its node, sent to every control host. They are never journaled; what is lost is made up for by the next.</summary>
/// <param name="Node">Name of the node.</param>
/// <param name="PodUid">Uid of the pod.</param>
/// <param name="At">When they were read.</param>
/// <param name="Values">The values.</param>
public sealed record ScrapedMetrics(string Node, string PodUid, DateTimeOffset At, ImmutableArray<ScrapedValue> Values) : IWireMessage
{
    /// <summary>The values as they are kept. None if the pod is not on that node: an agent says nothing of others' pods.</summary>
    /// <param name="pod">The pod of that uid; null if there is none.</param>
    /// <param name="now">The current time of this host; a later one is not believed.</param>
    public PushedMetrics Of(KubeObject? pod, DateTimeOffset now) => pod?.NodeName != Node ? new PushedMetrics([])
        : new PushedMetrics([.. Values.Select(v => new PushedMetric("pods", pod.Namespace, pod.Name, v.Metric, v.Labels, v.Milli, At < now ? At : now, v.Window))]);
}

/// <summary>A value that a pod exposes.</summary>
/// <param name="Metric">Name of the metric.</param>
/// <param name="Labels">Labels of the value.</param>
/// <param name="Milli">The value in thousandths.</param>
/// <param name="Window">Time over which it is an average; zero if it is of the moment.</param>
public sealed record ScrapedValue(string Metric, ImmutableSortedDictionary<string, string> Labels, long Milli, TimeSpan Window);
