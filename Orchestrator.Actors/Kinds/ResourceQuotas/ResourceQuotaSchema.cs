using Orchestrator.Actors.Schema;

namespace Orchestrator.Actors.Kinds.ResourceQuotas;

/// <summary>What the model classes of ResourceQuotas do not say of their fields. Written by scripts/generate-schema-facts.py.</summary>
internal static class ResourceQuotaSchema
{
    public static readonly SchemaFacts Facts = SchemaFacts.Read("""
        V1ResourceQuotaSpec
          scopes enum=BestEffort|CrossNamespacePodAffinity|NotBestEffort|NotTerminating|PriorityClass|Terminating|VolumeAttributesClass
        V1ScopedResourceSelectorRequirement
          operator required enum=DoesNotExist|Exists|In|NotIn
          scopeName required enum=BestEffort|CrossNamespacePodAffinity|NotBestEffort|NotTerminating|PriorityClass|Terminating|VolumeAttributesClass
        """);
}
