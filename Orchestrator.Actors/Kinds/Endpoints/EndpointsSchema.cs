using Orchestrator.Actors.Schema;

namespace Orchestrator.Actors.Kinds.Endpoints;

/// <summary>What the model classes of Endpoints do not say of their fields. Written by scripts/generate-schema-facts.py.</summary>
internal static class EndpointsSchema
{
    public static readonly SchemaFacts Facts = SchemaFacts.Read("""
        Corev1EndpointPort
          port required
          protocol enum=SCTP|TCP|UDP
        V1EndpointAddress
          ip required
        """);
}
