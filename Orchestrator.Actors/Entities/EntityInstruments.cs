using System.Diagnostics.Metrics;

namespace Orchestrator.Actors.Entities;

/// <summary>Metrics of entities.</summary>
internal static class EntityInstruments
{
    /// <summary>Entities in memory on this host.</summary>
    public static readonly UpDownCounter<long> Entities =
        Monitoring.Instruments.UpDownCounter("orchestrator_entities", "Objects that live as an entity in the memory of this host.");
}
