using System.Diagnostics.Metrics;

namespace Orchestrator.Actors.Monitoring;

/// <summary>Creates the instruments of the domain. A measurement costs next to nothing while nobody listens to the meter.</summary>
/// <remarks>The name of an instrument is that of its metric. Its own tags, without values, name the labels: they are declared here because an exporter
/// needs them before the first measurement. A measurement carries the same tags in the same order, which is that of the
/// alphabet because a meter sorts them, with texts from a bounded set as values.</remarks>
internal static class Instruments
{
    /// <summary>The name of the meter.</summary>
    public const string MeterName = "Orchestrator";

    private static readonly Meter Meter = new(MeterName);

    /// <summary>Creates a counter.</summary>
    public static Counter<long> Counter(string name, string help, params ReadOnlySpan<string> labels) => Meter.CreateCounter<long>(name, null, help, Labels(labels));

    /// <summary>Creates a counter with one label that starts at zero for each value. A rise from nothing to one would go unnoticed.</summary>
    public static Counter<long> CounterFromZero(string name, string help, string label, params ReadOnlySpan<string> values)
    {
        var counter = Counter(name, help, label);
        foreach (var value in values)
        {
            counter.Add(0, Label(label, value));
        }

        return counter;
    }

    /// <summary>Creates a gauge that a measurement sets.</summary>
    public static Gauge<long> Gauge(string name, string help, params ReadOnlySpan<string> labels) => Meter.CreateGauge<long>(name, null, help, Labels(labels));

    /// <summary>Creates a gauge that a measurement raises or lowers.</summary>
    public static UpDownCounter<long> UpDownCounter(string name, string help, params ReadOnlySpan<string> labels) =>
        Meter.CreateUpDownCounter<long>(name, null, help, Labels(labels));

    /// <summary>Creates a histogram of seconds.</summary>
    /// <param name="name">Name of the metric.</param>
    /// <param name="help">What is measured.</param>
    /// <param name="shortest">Bound of the first bucket; each of the fourteen is twice as wide as the one before.</param>
    /// <param name="labels">Names of its labels.</param>
    public static Histogram<double> Seconds(string name, string help, double shortest, params ReadOnlySpan<string> labels) =>
        Meter.CreateHistogram(name, "s", help, Labels(labels),
            new InstrumentAdvice<double> { HistogramBucketBoundaries = [.. Enumerable.Range(0, 14).Select(i => shortest * (1 << i))] });

    /// <summary>The label of a measurement.</summary>
    public static KeyValuePair<string, object?> Label(string name, string value) => new(name, value);

    private static KeyValuePair<string, object?>[] Labels(ReadOnlySpan<string> names)
    {
        var labels = new KeyValuePair<string, object?>[names.Length];
        for (var i = 0; i < names.Length; i++)
        {
            labels[i] = new(names[i], null);
        }

        return labels;
    }
}
