using Orchestrator.Actors.Schema;

namespace Orchestrator.Actors.Kinds.Services;

/// <summary>What the model classes of Services do not say of their fields. Written by scripts/generate-schema-facts.py.</summary>
internal static class ServiceSchema
{
    public static readonly SchemaFacts Facts = SchemaFacts.Read("""
        V1PortStatus
          port required
          protocol required enum=SCTP|TCP|UDP
        V1ServicePort
          port required
          protocol enum=SCTP|TCP|UDP
        V1ServiceSpec
          externalTrafficPolicy enum=Cluster|Local
          internalTrafficPolicy enum=Cluster|Local
          ipFamilies enum=IPv4|IPv6
          ipFamilyPolicy enum=PreferDualStack|RequireDualStack|SingleStack
          ports list=port,protocol merge=port
          sessionAffinity enum=ClientIP|None
          type enum=ClusterIP|ExternalName|LoadBalancer|NodePort
        V1ServiceStatus
          conditions list=type merge=type
        """);
}
