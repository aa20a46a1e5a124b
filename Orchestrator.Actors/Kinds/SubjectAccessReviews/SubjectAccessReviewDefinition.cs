using Orchestrator.Actors.Resources;
using k8s.Models;

namespace Orchestrator.Actors.Kinds.SubjectAccessReviews;

/// <summary>SubjectAccessReviews: say whether somebody may do something. They are answered and not stored.</summary>
public static class SubjectAccessReviewDefinition
{
    /// <summary>The kind.</summary>
    public static readonly ResourceDefinition Instance = new()
    {
        Group = "authorization.k8s.io",
        Kind = "SubjectAccessReview",
        Plural = "subjectaccessreviews",
        Namespaced = false,
        Verbs = ["create"],
        Model = typeof(V1SubjectAccessReview),
        Facts = SubjectAccessReviewSchema.Facts,
    };
}
