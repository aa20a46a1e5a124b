using Orchestrator.Actors.Schema;

namespace Orchestrator.Actors.Kinds.LimitRanges;

/// <summary>What the model classes of LimitRanges do not say of their fields. Written by scripts/generate-schema-facts.py.</summary>
internal static class LimitRangeSchema
{
    public static readonly SchemaFacts Facts = SchemaFacts.Read("""
        V1LimitRangeItem
          type required
        V1LimitRangeSpec
          limits required
        """);
}
