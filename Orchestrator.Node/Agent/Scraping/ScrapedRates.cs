using System.Collections.Immutable;
using Orchestrator.Actors.CustomMetrics;

namespace Orchestrator.Node.Agent.Scraping;

/// <summary>Makes values of the samples of one pod: a gauge is its value, a counter its growth per second over the last minute, under its name without
/// <c>_total</c>, as the adapter of Prometheus does for <c>custom.metrics.k8s.io</c>. Not thread-safe.</summary>
internal sealed class ScrapedRates
{
    /// <summary>Time over which the growth of a counter is averaged; the time between two samples, if that is longer.</summary>
    public static readonly TimeSpan Window = TimeSpan.FromMinutes(1);

    /// <summary>Maximum number of values of a pod; what follows on its page is left out. 100.</summary>
    public const int MaxValues = 100;

    // The text of a value's name and labels; one with more is left out.
    private const int MaxText = 512;
    private const double Largest = 1e18;
    private const string Total = "_total";
    private readonly Queue<(DateTimeOffset At, Dictionary<string, double> Grown)> _past = [];
    private Dictionary<string, (double Last, double Grown)> _counters = [];

    /// <summary>Takes the samples of a page.</summary>
    /// <param name="samples">The samples that are wanted, in the order of the page.</param>
    /// <param name="now">When they were read.</param>
    /// <returns>The values, and whether there were too many. A counter has none when it is seen for the first time.</returns>
    public (ImmutableArray<ScrapedValue> Values, bool IsCut) Take(IEnumerable<PrometheusSample> samples, DateTimeOffset now)
    {
        while (_past.Count > 1 && now - _past.Peek().At > Window)
        {
            _past.Dequeue();
        }

        var (values, seen) = (ImmutableArray.CreateBuilder<ScrapedValue>(), new HashSet<string>());
        var (counters, grown) = (new Dictionary<string, (double Last, double Grown)>(), new Dictionary<string, double>());
        var isCut = false;
        foreach (var sample in samples)
        {
            var series = $"{sample.Name}|{string.Join(',', sample.Labels.Select(l => $"{l.Key}={l.Value}"))}";
            if (!double.IsFinite(sample.Value) || series.Length > MaxText || !seen.Add(series))
            {
                continue;
            }

            if (seen.Count > MaxValues)
            {
                isCut = true;
                break;
            }

            if (!sample.IsCounter)
            {
                values.Add(new ScrapedValue(sample.Name, sample.Labels, Milli(sample.Value), TimeSpan.Zero));
                continue;
            }

            // One that is smaller than before has begun anew, and has grown by what it is.
            var sum = 0.0;
            if (_counters.TryGetValue(series, out var before))
            {
                sum = before.Grown + (sample.Value >= before.Last ? sample.Value - before.Last : sample.Value);
            }
            else
            {
                // What it was before it was gone says nothing.
                foreach (var (_, earlier) in _past)
                {
                    earlier.Remove(series);
                }
            }

            (counters[series], grown[series]) = ((sample.Value, sum), sum);
            var (at, then) = _past.FirstOrDefault(p => p.Grown.ContainsKey(series));
            if (then is not null && now > at)
            {
                var name = sample.Name.EndsWith(Total, StringComparison.Ordinal) && sample.Name.Length > Total.Length ? sample.Name[..^Total.Length] : sample.Name;
                values.Add(new ScrapedValue(name, sample.Labels, Milli((sum - then[series]) / (now - at).TotalSeconds), now - at));
            }
        }

        _counters = counters;
        _past.Enqueue((now, grown));
        return (values.ToImmutable(), isCut);
    }

    private static long Milli(double value) => (long)Math.Clamp(Math.Round(value * 1000), -Largest, Largest);
}
