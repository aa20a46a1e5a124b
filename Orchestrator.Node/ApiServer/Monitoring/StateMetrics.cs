using Orchestrator.Actors.Feed;
using Orchestrator.Actors.Resources;
using Prometheus;

namespace Orchestrator.Node.ApiServer.Monitoring;

/// <summary>Metrics about the objects of the cluster: their number, and what each kind declares in <see cref="ResourceDefinition.Metrics"/>.
/// Every control host has them, and they are equal.</summary>
internal sealed class StateMetrics
{
    private readonly Gauge _objects;
    private readonly (ResourceDefinition Kind, (StateMetric Metric, Gauge Gauge)[] Metrics)[] _kinds;

    public StateMetrics(IMetricFactory metrics)
    {
        _objects = metrics.CreateGauge("apiserver_storage_objects", "Objects of a resource.", ["resource"]);
        _kinds = [.. BuiltIn.All.Select(kind => (kind, kind.Metrics.Select(m => (m, metrics.CreateGauge(m.Name, m.Help, [.. m.Labels]))).ToArray()))];
    }

    /// <summary>Computes them from the cache.</summary>
    public void Update(IObjectCache cache)
    {
        Set(_objects, 1, cache.Registry.All.ToDictionary(k => (k.Resource, "", ""), k => (double)cache.Snapshot(k).Objects.Count));
        foreach (var (kind, metrics) in _kinds)
        {
            foreach (var (metric, gauge) in metrics)
            {
                Set(gauge, metric.Labels.Length, metric.Sum(cache.Snapshot(kind).Objects));
            }
        }
    }

    // What is no more, such as a namespace or a custom kind that was deleted, must not keep its last value.
    private static void Set(Gauge gauge, int labels, IReadOnlyDictionary<(string First, string Second, string Third), double> sums)
    {
        if (labels == 0)
        {
            gauge.Set(sums.GetValueOrDefault(("", "", "")));
            return;
        }

        foreach (var former in gauge.GetAllLabelValues().ToList())
        {
            if (!sums.ContainsKey((former[0], former.ElementAtOrDefault(1) ?? "", former.ElementAtOrDefault(2) ?? "")))
            {
                gauge.RemoveLabelled(former);
            }
        }

        foreach (var ((first, second, third), value) in sums)
        {
            gauge.WithLabels(((string[])[first, second, third])[..labels]).Set(value);
        }
    }
}
