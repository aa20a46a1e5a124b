using Orchestrator.Actors.Resources;
using k8s.Models;

namespace Orchestrator.Actors.Kinds.TokenReviews;

/// <summary>TokenReviews: say whose a token is. They are answered and not stored.</summary>
public static class TokenReviewDefinition
{
    /// <summary>The kind.</summary>
    public static readonly ResourceDefinition Instance = new()
    {
        Group = "authentication.k8s.io",
        Kind = "TokenReview",
        Plural = "tokenreviews",
        Namespaced = false,
        Verbs = ["create"],
        Model = typeof(V1TokenReview),
        Facts = TokenReviewSchema.Facts,
    };
}
