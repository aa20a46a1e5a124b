namespace Orchestrator.Actors.Schema;

/// <summary>What the classes that every kind uses do not say of their fields. Written by scripts/generate-schema-facts.py.</summary>
internal static class CommonSchema
{
    public static readonly SchemaFacts Facts = SchemaFacts.Read("""
        V1Condition
          lastTransitionTime required
          message required
          reason required
          status required
          type required
        V1LabelSelectorRequirement
          key required
          operator required
        V1ObjectMeta
          finalizers set merge
          ownerReferences list=uid merge=uid
        V1OwnerReference
          apiVersion required
          kind required
          name required
          uid required
        V1ScaleStatus
          replicas required
        V1ShardInfo
          selector required
        """);
}
