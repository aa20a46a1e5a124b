using k8s.Models;

namespace Orchestrator.Actors.Kinds.Deployments;

/// <summary>Sets the conditions Available, Progressing and ReplicaFailure, worded as in Kubernetes.</summary>
internal static class DeploymentConditions
{
    public const string Available = "Available";
    public const string Progressing = "Progressing";
    public const string ReplicaFailure = "ReplicaFailure";

    public const string NewReplicaSetAvailable = "NewReplicaSetAvailable";
    public const string ProgressDeadlineExceeded = "ProgressDeadlineExceeded";
    public const string DeploymentPaused = "DeploymentPaused";

    public static V1DeploymentCondition? Find(IEnumerable<V1DeploymentCondition>? conditions, string type) =>
        conditions?.FirstOrDefault(c => c.Type == type);

    /// <summary>Sets a condition if its status or reason differs. The transition time changes only with the status.</summary>
    public static void Set(List<V1DeploymentCondition> conditions, DateTimeOffset now, string type, string status, string reason, string message, bool touch = false)
    {
        var current = Find(conditions, type);
        if (current is not null && current.Status == status && current.Reason == reason && !touch)
        {
            return;
        }

        var at = now.AddTicks(-(now.Ticks % TimeSpan.TicksPerSecond)).UtcDateTime;
        conditions.RemoveAll(c => c.Type == type);
        conditions.Add(new V1DeploymentCondition
        {
            Type = type,
            Status = status,
            Reason = reason,
            Message = message,
            LastUpdateTime = at,
            LastTransitionTime = current?.Status == status ? current.LastTransitionTime : at,
        });
    }
}
