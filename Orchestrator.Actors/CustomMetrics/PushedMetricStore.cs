using System.Collections.Immutable;

namespace Orchestrator.Actors.CustomMetrics;

/// <summary>The values that clients have pushed and agents have read from pods lately. One per control host, in memory. Thread-safe.</summary>
/// <remarks>At most 100,000 values, about 300 bytes each, of which pods have at most 90,000; further ones are dropped until others have expired.</remarks>
public sealed class PushedMetricStore : IPushedMetrics
{
    /// <summary>A value that is not pushed again within this time is forgotten.</summary>
    public static readonly TimeSpan Lifetime = TimeSpan.FromMinutes(5);

    private const int Most = 100_000;
    private const int MostScraped = 90_000;
    private readonly Lock _gate = new();
    private readonly Dictionary<(string Resource, string Namespace, string Metric), ImmutableDictionary<string, Entry>> _values = [];
    private int _count;

    /// <summary>The metrics of which there are values, without their namespaces.</summary>
    public IReadOnlyList<(string Resource, string Metric)> Names
    {
        get
        {
            lock (_gate)
            {
                return [.. _values.Keys.Select(k => (k.Resource, k.Metric)).Distinct().Order()];
            }
        }
    }

    /// <inheritdoc/>
    public IReadOnlyCollection<PushedMetric> Find(string resource, string ns, string metric)
    {
        lock (_gate)
        {
            return _values.TryGetValue((resource, ns, metric), out var found) ? [.. found.OrderBy(f => f.Key, StringComparer.Ordinal).Select(f => f.Value.Value)] : [];
        }
    }

    /// <summary>Takes values. One that is older than the present value of its series is ignored, so that a push can arrive twice or late.</summary>
    /// <param name="push">The values.</param>
    /// <param name="now">The current time of this host.</param>
    /// <param name="isScraped">Whether pods expose them: there is room then that they cannot take.</param>
    public void Take(PushedMetrics push, DateTimeOffset now, bool isScraped = false)
    {
        lock (_gate)
        {
            foreach (var value in push.Values)
            {
                var key = (value.Resource, value.Namespace, value.Metric);
                var all = _values.GetValueOrDefault(key, ImmutableDictionary<string, Entry>.Empty);
                var former = all.GetValueOrDefault(value.Series);
                if (former is null ? _count < (isScraped ? MostScraped : Most) : former.Value.At <= value.At)
                {
                    _count += former is null ? 1 : 0;
                    _values[key] = all.SetItem(value.Series, new Entry(value, now));
                }
            }
        }
    }

    /// <summary>Forgets values that were received before a time.</summary>
    public void ForgetBefore(DateTimeOffset time)
    {
        lock (_gate)
        {
            foreach (var (key, all) in _values.ToList())
            {
                var left = all.RemoveRange(all.Where(e => e.Value.ReceivedAt < time).Select(e => e.Key));
                _count -= all.Count - left.Count;
                if (left.IsEmpty)
                {
                    _values.Remove(key);
                }
                else
                {
                    _values[key] = left;
                }
            }
        }
    }

    private sealed record Entry(PushedMetric Value, DateTimeOffset ReceivedAt);
}
