using Orchestrator.Actors.Resources;
using k8s.Models;

namespace Orchestrator.Actors.Kinds.SelfSubjectAccessReviews;

/// <summary>SelfSubjectAccessReviews: say whether who asks may do something, as <c>kubectl auth can-i</c> does. They are answered and not stored.</summary>
public static class SelfSubjectAccessReviewDefinition
{
    /// <summary>The kind.</summary>
    public static readonly ResourceDefinition Instance = new()
    {
        Group = "authorization.k8s.io",
        Kind = "SelfSubjectAccessReview",
        Plural = "selfsubjectaccessreviews",
        Namespaced = false,
        Verbs = ["create"],
        Model = typeof(V1SelfSubjectAccessReview),
        Facts = SelfSubjectAccessReviewSchema.Facts,
    };
}
