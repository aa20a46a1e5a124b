using Orchestrator.Actors.Schema;

namespace Orchestrator.Actors.Kinds.Events;

/// <summary>What the model classes of Events do not say of their fields. Written by scripts/generate-schema-facts.py.</summary>
internal static class EventSchema
{
    public static readonly SchemaFacts Facts = SchemaFacts.Read("""
        Corev1Event
          eventTime required microTime
        Corev1EventSeries
          count required
          lastObservedTime required microTime
        Eventsv1Event
          eventTime required microTime
        Eventsv1EventSeries
          count required
          lastObservedTime required microTime
        """);
}
