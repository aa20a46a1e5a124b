using Orchestrator.Actors.Resources;
using k8s.Models;

namespace Orchestrator.Actors.Kinds.SelfSubjectReviews;

/// <summary>SelfSubjectReviews: say who asks, as <c>kubectl auth whoami</c> does. They are answered and not stored.</summary>
public static class SelfSubjectReviewDefinition
{
    /// <summary>The kind.</summary>
    public static readonly ResourceDefinition Instance = new()
    {
        Group = "authentication.k8s.io",
        Kind = "SelfSubjectReview",
        Plural = "selfsubjectreviews",
        Namespaced = false,
        Verbs = ["create"],
        Model = typeof(V1SelfSubjectReview),
    };

    /// <summary>The version that kubectl 1.27 asks for.</summary>
    public static readonly ResourceDefinition V1Beta1 = new()
    {
        Group = Instance.Group,
        Version = "v1beta1",
        Kind = Instance.Kind,
        Plural = Instance.Plural,
        Namespaced = false,
        Verbs = Instance.Verbs,
        Model = Instance.Model,
        View = new ResourceView(Instance, o => o, o => o),
    };
}
