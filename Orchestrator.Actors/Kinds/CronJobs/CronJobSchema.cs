using Orchestrator.Actors.Schema;

namespace Orchestrator.Actors.Kinds.CronJobs;

/// <summary>What the model classes of CronJobs do not say of their fields. Written by scripts/generate-schema-facts.py.</summary>
internal static class CronJobSchema
{
    public static readonly SchemaFacts Facts = SchemaFacts.Read("""
        V1CronJobSpec
          concurrencyPolicy enum=Allow|Forbid|Replace
          jobTemplate required
          schedule required
        """);
}
