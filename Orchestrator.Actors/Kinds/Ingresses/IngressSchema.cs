using Orchestrator.Actors.Schema;

namespace Orchestrator.Actors.Kinds.Ingresses;

/// <summary>What the model classes of Ingresses do not say of their fields. Written by scripts/generate-schema-facts.py.</summary>
internal static class IngressSchema
{
    public static readonly SchemaFacts Facts = SchemaFacts.Read("""
        V1HTTPIngressPath
          backend required
          pathType required
        V1HTTPIngressRuleValue
          paths required
        V1IngressPortStatus
          port required
          protocol required
        V1IngressServiceBackend
          name required
        """);
}
