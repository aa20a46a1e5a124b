using Orchestrator.Actors.Schema;

namespace Orchestrator.Actors.Kinds.SubjectAccessReviews;

/// <summary>What the model classes of SubjectAccessReviews do not say of their fields. Written by scripts/generate-schema-facts.py.</summary>
internal static class SubjectAccessReviewSchema
{
    public static readonly SchemaFacts Facts = SchemaFacts.Read("""
        V1SubjectAccessReview
          spec required
        """);
}
