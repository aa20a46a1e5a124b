using Orchestrator.Actors.Schema;

namespace Orchestrator.Actors.Kinds.Deployments;

/// <summary>What the model classes of Deployments do not say of their fields. Written by scripts/generate-schema-facts.py.</summary>
internal static class DeploymentSchema
{
    public static readonly SchemaFacts Facts = SchemaFacts.Read("""
        V1DeploymentSpec
          selector required
          strategy retainKeys
          template required
        V1DeploymentStatus
          conditions list=type merge=type
        V1DeploymentStrategy
          type enum=Recreate|RollingUpdate
        """);
}
