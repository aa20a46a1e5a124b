using k8s.Models;

namespace Orchestrator.Actors.Workloads;

/// <summary>Decides whether a pod tolerates a taint.</summary>
/// <remarks>Rules: Kubernetes, "Taints and Tolerations".</remarks>
internal static class Tolerations
{
    /// <summary>Whether one toleration matches a taint: an absent effect or key matches any.</summary>
    public static bool Matches(V1Toleration toleration, V1Taint taint) =>
        (string.IsNullOrEmpty(toleration.Effect) || toleration.Effect == taint.Effect)
        && (string.IsNullOrEmpty(toleration.Key) ? toleration.OperatorProperty == "Exists" : toleration.Key == taint.Key)
        && (toleration.OperatorProperty == "Exists"
            || (toleration.OperatorProperty is null or "" or "Equal" && (toleration.Value ?? "") == (taint.Value ?? "")));
}
