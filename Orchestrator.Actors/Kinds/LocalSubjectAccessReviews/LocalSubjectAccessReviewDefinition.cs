using Orchestrator.Actors.Resources;
using k8s.Models;

namespace Orchestrator.Actors.Kinds.LocalSubjectAccessReviews;

/// <summary>LocalSubjectAccessReviews: say whether somebody may do something in a namespace. They are answered and not stored.</summary>
public static class LocalSubjectAccessReviewDefinition
{
    /// <summary>The kind.</summary>
    public static readonly ResourceDefinition Instance = new()
    {
        Group = "authorization.k8s.io",
        Kind = "LocalSubjectAccessReview",
        Plural = "localsubjectaccessreviews",
        Verbs = ["create"],
        Model = typeof(V1LocalSubjectAccessReview),
        Facts = LocalSubjectAccessReviewSchema.Facts,
    };
}
