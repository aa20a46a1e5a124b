using Orchestrator.Actors.Resources;
using k8s.Models;

namespace Orchestrator.Actors.Kinds.SelfSubjectRulesReviews;

/// <summary>SelfSubjectRulesReviews: list what who asks may do in a namespace, as <c>kubectl auth can-i --list</c> does. They are answered and not stored.</summary>
public static class SelfSubjectRulesReviewDefinition
{
    /// <summary>The kind.</summary>
    public static readonly ResourceDefinition Instance = new()
    {
        Group = "authorization.k8s.io",
        Kind = "SelfSubjectRulesReview",
        Plural = "selfsubjectrulesreviews",
        Namespaced = false,
        Verbs = ["create"],
        Model = typeof(V1SelfSubjectRulesReview),
        Facts = SelfSubjectRulesReviewSchema.Facts,
    };
}
