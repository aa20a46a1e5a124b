using k8s.Models;
using Orchestrator.Actors.Api;
using Orchestrator.Actors.Resources;
using C = Orchestrator.Actors.Kinds.Deployments.DeploymentConditions;

namespace Orchestrator.Actors.Kinds.Deployments;

/// <summary>The progress of a deployment: its counters, whether it advances, and whether its deadline has passed.</summary>
internal static class DeploymentProgress
{
    public static V1DeploymentStatus Counts(
        V1Deployment d, Rollout rollout, V1DeploymentStatus before, List<V1DeploymentCondition> conditions, DateTimeOffset now)
    {
        var all = rollout.All.ToList();
        var available = all.Sum(r => r.Rs.Status?.AvailableReplicas ?? 0);
        if (available >= rollout.MinAvailable)
        {
            C.Set(conditions, now, C.Available, "True", "MinimumReplicasAvailable", "Deployment has minimum availability.");
        }
        else
        {
            C.Set(conditions, now, C.Available, "False", "MinimumReplicasUnavailable", "Deployment does not have minimum availability.");
        }

        return new V1DeploymentStatus
        {
            ObservedGeneration = d.Metadata.Generation ?? before.ObservedGeneration,
            Replicas = all.Sum(r => r.Rs.Status?.Replicas ?? 0),
            UpdatedReplicas = rollout.Current?.Rs.Status?.Replicas ?? 0,
            ReadyReplicas = all.Sum(r => r.Rs.Status?.ReadyReplicas ?? 0),
            AvailableReplicas = available,
            UnavailableReplicas = Math.Max(0, all.Sum(r => r.Replicas) - available),
            TerminatingReplicas = all.Sum(r => r.Rs.Status?.TerminatingReplicas ?? 0),
            CollisionCount = before.CollisionCount,
            Conditions = conditions.Count > 0 ? conditions : null,
        };
    }

    /// <summary>Sets Progressing and ReplicaFailure; returns when to check the deadline again.</summary>
    public static TimeSpan? Judge(V1Deployment d, Rollout rollout, V1DeploymentStatus status, List<V1DeploymentCondition> conditions, DateTimeOffset now)
    {
        var failure = (rollout.Current?.Rs.Status?.Conditions ?? [])
            .Concat(rollout.Old.SelectMany(r => r.Rs.Status?.Conditions ?? []))
            .FirstOrDefault(c => c.Type == C.ReplicaFailure);
        if (failure is null)
        {
            conditions.RemoveAll(c => c.Type == C.ReplicaFailure);
        }
        else
        {
            C.Set(conditions, now, C.ReplicaFailure, failure.Status, failure.Reason, failure.Message);
        }

        if (DeploymentFacts.ProgressDeadline(d) is not { } deadline)
        {
            conditions.RemoveAll(c => c.Type == C.Progressing);
            return null;
        }

        var subject = rollout.Current is { } current ? $"ReplicaSet \"{current.Name}\"" : $"Deployment \"{d.Metadata.Name}\"";
        var progressing = C.Find(conditions, C.Progressing);
        var isSettled = status.Replicas == status.UpdatedReplicas && progressing?.Reason == C.NewReplicaSetAvailable;
        if (!isSettled)
        {
            if (IsComplete(d, status))
            {
                C.Set(conditions, now, C.Progressing, "True", C.NewReplicaSetAvailable, $"{subject} has successfully progressed.");
            }
            else if (HasMoved(d.Status, status))
            {
                C.Set(conditions, now, C.Progressing, "True", "ReplicaSetUpdated", $"{subject} is progressing.", touch: true);
            }
            else if (progressing is { Reason: not (C.NewReplicaSetAvailable or C.ProgressDeadlineExceeded or C.DeploymentPaused) }
                && progressing.LastUpdateTime is { } since && since + deadline < now.UtcDateTime)
            {
                C.Set(conditions, now, C.Progressing, "False", C.ProgressDeadlineExceeded, $"{subject} has timed out progressing.");
            }
        }

        progressing = C.Find(conditions, C.Progressing);
        if (IsComplete(d, status) || progressing?.LastUpdateTime is not { } last || progressing.Reason is C.ProgressDeadlineExceeded or C.NewReplicaSetAvailable)
        {
            return null;
        }

        var left = last + deadline - now.UtcDateTime;
        return (left > TimeSpan.Zero ? left : TimeSpan.Zero) + TimeSpan.FromSeconds(1);
    }

    /// <summary>Pausing suspends the progress deadline, resuming restarts it.</summary>
    public static void Pause(V1Deployment d, List<V1DeploymentCondition> conditions, DateTimeOffset now)
    {
        var reason = C.Find(conditions, C.Progressing)?.Reason;
        if (DeploymentFacts.ProgressDeadline(d) is null || reason == C.ProgressDeadlineExceeded)
        {
            return;
        }

        if (DeploymentFacts.IsPaused(d))
        {
            C.Set(conditions, now, C.Progressing, "Unknown", C.DeploymentPaused, "Deployment is paused");
        }
        else if (reason == C.DeploymentPaused)
        {
            C.Set(conditions, now, C.Progressing, "Unknown", "DeploymentResumed", "Deployment is resumed");
        }
    }

    public static bool IsComplete(V1Deployment d, V1DeploymentStatus status)
    {
        var desired = DeploymentFacts.Replicas(d);
        return status.UpdatedReplicas == desired && status.Replicas == desired && status.AvailableReplicas == desired;
    }

    /// <summary>See <see cref="ResourceDefinition.Completion"/>.</summary>
    public static Completion Completion(KubeObject o) =>
        o.As<V1Deployment>() is { Status: { } status } d && status.ObservedGeneration >= d.Metadata.Generation && IsComplete(d, status) ? Resources.Completion.Complete : Resources.Completion.Incomplete;

    private static bool HasMoved(V1DeploymentStatus? before, V1DeploymentStatus after) =>
        after.UpdatedReplicas > (before?.UpdatedReplicas ?? 0)
        || after.Replicas - after.UpdatedReplicas < (before?.Replicas ?? 0) - (before?.UpdatedReplicas ?? 0)
        || after.ReadyReplicas > (before?.ReadyReplicas ?? 0)
        || after.AvailableReplicas > (before?.AvailableReplicas ?? 0);
}
