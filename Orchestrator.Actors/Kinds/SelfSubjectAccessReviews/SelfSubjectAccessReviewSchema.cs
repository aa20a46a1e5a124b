using Orchestrator.Actors.Schema;

namespace Orchestrator.Actors.Kinds.SelfSubjectAccessReviews;

/// <summary>What the model classes of SelfSubjectAccessReviews do not say of their fields. Written by scripts/generate-schema-facts.py.</summary>
internal static class SelfSubjectAccessReviewSchema
{
    public static readonly SchemaFacts Facts = SchemaFacts.Read("""
        V1SelfSubjectAccessReview
          spec required
        """);
}
