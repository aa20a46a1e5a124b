using System.Diagnostics.Metrics;
using System.Runtime.CompilerServices;
using Orchestrator.Actors.Feed;
using Orchestrator.Actors.Journal;
using Orchestrator.Actors.Monitoring;
using Orchestrator.Actors.Reconcile;
using Orchestrator.Actors.Scheduling;
using Orchestrator.Node.Agent;
using Orchestrator.Node.Ingress;
using Orchestrator.Node.Logs;
using Prometheus;

namespace Orchestrator.Node.ApiServer.Monitoring;

/// <summary>Collects the measurements of all instruments of this program as metrics of the same names.</summary>
internal sealed class InstrumentExporter : IDisposable
{
    // An instrument exists once its class is used. A metric should exist before the first thing that it counts.
    private static readonly Type[] Instrumented =
    [
        typeof(JournalInstruments), typeof(WatchInstruments), typeof(Orchestrator.Actors.Entities.EntityInstruments), typeof(ControllerInstruments), typeof(SchedulerInstruments),
        typeof(AgentInstruments), typeof(LogInstruments), typeof(IngressInstruments),
    ];

    private readonly MeterListener _listener = new();

    /// <summary>Starts to collect.</summary>
    /// <param name="metrics">Where the metrics are made.</param>
    /// <param name="isWanted">Which metrics, by name; null for all.</param>
    public InstrumentExporter(IMetricFactory metrics, Func<string, bool>? isWanted = null)
    {
        _listener.InstrumentPublished = (instrument, listener) =>
        {
            if (instrument.Meter.Name == Instruments.MeterName && isWanted?.Invoke(instrument.Name) != false)
            {
                listener.EnableMeasurementEvents(instrument, Take(metrics, instrument));
            }
        };
        _listener.SetMeasurementEventCallback<long>(static (_, value, labels, take) => ((Measurement)take!)(value, labels));
        _listener.SetMeasurementEventCallback<double>(static (_, value, labels, take) => ((Measurement)take!)(value, labels));
        _listener.Start();
        foreach (var type in Instrumented)
        {
            RuntimeHelpers.RunClassConstructor(type.TypeHandle);
        }
    }

    private delegate void Measurement(double value, ReadOnlySpan<KeyValuePair<string, object?>> labels);

    public void Dispose() => _listener.Dispose();

    private static Measurement Take(IMetricFactory metrics, Instrument instrument)
    {
        var (name, help, labels) = (instrument.Name, instrument.Description ?? "", instrument.Tags?.Select(t => t.Key).ToArray() ?? []);
        switch (instrument)
        {
            case Counter<long>:
                var counter = metrics.CreateCounter(name, help, labels);
                return (value, values) => Child(counter, values).Inc(value);
            case UpDownCounter<long>:
                var sum = metrics.CreateGauge(name, help, labels);
                return (value, values) => Child(sum, values).Inc(value);
            case Gauge<long>:
                var gauge = metrics.CreateGauge(name, help, labels);
                return (value, values) => Child(gauge, values).Set(value);
            case Histogram<double> histogram:
                var bounds = new HistogramConfiguration { Buckets = [.. histogram.Advice!.HistogramBucketBoundaries!] };
                var times = metrics.CreateHistogram(name, help, labels, bounds);
                return (value, values) => Child(times, values).Observe(value);
            default:
                throw new NotSupportedException($"{name} is an instrument of a type that is not collected: {instrument.GetType()}");
        }
    }

    // The span lives on the stack: a measurement allocates nothing once its labels were seen.
    private static T Child<T>(Collector<T> collector, ReadOnlySpan<KeyValuePair<string, object?>> labels) where T : ChildBase => labels.Length switch
    {
        0 => collector.WithLabels(ReadOnlySpan<string>.Empty),
        1 => collector.WithLabels([(string)labels[0].Value!]),
        2 => collector.WithLabels([(string)labels[0].Value!, (string)labels[1].Value!]),
        3 => collector.WithLabels([(string)labels[0].Value!, (string)labels[1].Value!, (string)labels[2].Value!]),
        _ => throw new NotSupportedException($"{collector.Name} has more labels than three"),
    };
}
