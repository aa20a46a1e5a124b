using System.Diagnostics.Metrics;

namespace Orchestrator.Actors.Journal;

/// <summary>What the domain counts; who wants the figures listens to the meter.</summary>
internal static class Instruments
{
    /// <summary>The name of the meter.</summary>
    public const string MeterName = "Orchestrator";

    private static readonly Meter Meter = new(MeterName);

    /// <summary>Seconds that a batch took to become durable, one measurement a batch.</summary>
    public static readonly Histogram<double> BatchSeconds = Meter.CreateHistogram<double>("journal.batch", "s");

    /// <summary>Events that became durable.</summary>
    public static readonly Counter<long> Events = Meter.CreateCounter<long>("journal.events");

    /// <summary>Entities in memory on this host.</summary>
    public static readonly UpDownCounter<long> Entities = Meter.CreateUpDownCounter<long>("entities");
}
