using Orchestrator.Actors.Schema;

namespace Orchestrator.Actors.Kinds.LocalSubjectAccessReviews;

/// <summary>What the model classes of LocalSubjectAccessReviews do not say of their fields. Written by scripts/generate-schema-facts.py.</summary>
internal static class LocalSubjectAccessReviewSchema
{
    public static readonly SchemaFacts Facts = SchemaFacts.Read("""
        V1LocalSubjectAccessReview
          spec required
        """);
}
