using Orchestrator.Actors.Schema;

namespace Orchestrator.Actors.Kinds.SelfSubjectRulesReviews;

/// <summary>What the model classes of SelfSubjectRulesReviews do not say of their fields. Written by scripts/generate-schema-facts.py.</summary>
internal static class SelfSubjectRulesReviewSchema
{
    public static readonly SchemaFacts Facts = SchemaFacts.Read("""
        V1SelfSubjectRulesReview
          spec required
        """);
}
