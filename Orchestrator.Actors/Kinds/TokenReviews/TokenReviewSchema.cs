using Orchestrator.Actors.Schema;

namespace Orchestrator.Actors.Kinds.TokenReviews;

/// <summary>What the model classes of TokenReviews do not say of their fields. Written by scripts/generate-schema-facts.py.</summary>
internal static class TokenReviewSchema
{
    public static readonly SchemaFacts Facts = SchemaFacts.Read("""
        V1TokenReview
          spec required
        """);
}
