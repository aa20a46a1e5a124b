using System.Diagnostics.Metrics;

namespace Orchestrator.Actors.Journal;

/// <summary>Metrics of the domain, published by a meter.</summary>
internal static class Instruments
{
    /// <summary>The name of the meter.</summary>
    public const string MeterName = "Orchestrator";

    private static readonly Meter Meter = new(MeterName);

    /// <summary>Duration of a commit in seconds, one measurement per batch.</summary>
    public static readonly Histogram<double> BatchSeconds = Meter.CreateHistogram<double>("journal.batch", "s");

    /// <summary>Number of committed events.</summary>
    public static readonly Counter<long> Events = Meter.CreateCounter<long>("journal.events");

    /// <summary>Entities in memory on this host.</summary>
    public static readonly UpDownCounter<long> Entities = Meter.CreateUpDownCounter<long>("entities");
}
