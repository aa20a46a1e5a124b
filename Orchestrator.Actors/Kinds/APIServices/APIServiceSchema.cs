using Orchestrator.Actors.Schema;

namespace Orchestrator.Actors.Kinds.APIServices;

/// <summary>What the model classes of APIServices do not say of their fields. Written by scripts/generate-schema-facts.py.</summary>
internal static class APIServiceSchema
{
    public static readonly SchemaFacts Facts = SchemaFacts.Read("""
        V1APIServiceCondition
          status required
          type required
        V1APIServiceSpec
          groupPriorityMinimum required
          versionPriority required
        V1APIServiceStatus
          conditions list=type merge=type
        """);
}
