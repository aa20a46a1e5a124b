using Orchestrator.Actors.Schema;

namespace Orchestrator.Actors.Kinds.EndpointSlices;

/// <summary>What the model classes of EndpointSlices do not say of their fields. Written by scripts/generate-schema-facts.py.</summary>
internal static class EndpointSliceSchema
{
    public static readonly SchemaFacts Facts = SchemaFacts.Read("""
        V1Endpoint
          addresses required set
        V1EndpointSlice
          addressType required
        V1ForNode
          name required
        V1ForZone
          name required
        """);
}
