using Orchestrator.Actors.Api;
using Orchestrator.Actors.Workloads;
using k8s.Models;

namespace Orchestrator.Actors.Kinds.Deployments;

/// <summary>Compares a deployment with its replica sets. Level-triggered: the same input always gives the same plan.</summary>
internal static class DeploymentPlanner
{
    /// <param name="d">The deployment.</param>
    /// <param name="owned">The replica sets it controls.</param>
    /// <param name="pods">The pods of those replica sets; Recreate waits until the old ones are gone.</param>
    /// <param name="now">Current time.</param>
    /// <param name="creationError">Why the creation of the new replica set was rejected; null if it was not. AlreadyExists counts as a
    /// collision of names: if the replica set were the deployment's own, it would be in <paramref name="owned"/>.</param>
    /// <param name="versions">The versions of the configuration that are to be pinned in a template; those that it has if null.</param>
    public static DeploymentPlan Plan(
        V1Deployment d, IReadOnlyList<V1ReplicaSet> owned, IReadOnlyList<PodOutline> pods, DateTimeOffset now, ApiError? creationError = null,
        Func<V1PodTemplateSpec, string?>? versions = null)
    {
        var status = d.Status is null ? new V1DeploymentStatus() : Models.Copy(d.Status);
        var conditions = (status.Conditions ?? []).ToList();
        var match = Revisions.Current(d, owned);
        var rollout = new Rollout(
            d, owned.Where(r => !ReferenceEquals(r, match)).Select(r => new PlannedReplicaSet(r)), match is null ? null : new PlannedReplicaSet(match));

        if (d.Metadata.DeletionTimestamp is not null)
        {
            return Result(d, rollout, [], DeploymentProgress.Counts(d, rollout, status, conditions, now), null);
        }

        if (AutoRollback.Note(d, rollout))
        {
            return Result(d, rollout, [], d.Status, null);
        }

        DeploymentProgress.Pause(d, conditions, now);
        Recognize(d, rollout, conditions, now);

        var isSteady = DeploymentFacts.IsPaused(d) || IsScaling(d, rollout);
        if (isSteady)
        {
            rollout.ScaleProportionally();
        }
        else if (DeploymentFacts.IsRollingUpdate(d))
        {
            if (rollout.Current is null)
            {
                Create(d, rollout, status, conditions, now, creationError);
            }

            rollout.RollForward();
        }
        else
        {
            Recreate(d, rollout, pods, status, conditions, now, creationError);
        }

        status = DeploymentProgress.Counts(d, rollout, status, conditions, now);
        var recheck = isSteady ? null : DeploymentProgress.Judge(d, rollout, status, conditions, now);
        if (!isSteady && AutoRollback.Judge(d, rollout, conditions, now, versions ?? ConfigPin.In) is { } rollback)
        {
            return new DeploymentPlan(null, [], [], new Dictionary<string, string?>(), null, null, []) { Rollback = rollback };
        }

        if (AutoRollback.Event(d, conditions) is { } said)
        {
            rollout.Events.Add(said);
        }

        status.Conditions = conditions.Count > 0 ? conditions : null;
        var delete = DeploymentFacts.IsPaused(d) || (!isSteady && DeploymentProgress.IsComplete(d, status)) ? Outdated(d, rollout) : [];
        return Result(d, rollout, delete, status, recheck);
    }

    // The replica set of the current template exists. It gets the newest revision number, also after a rollback.
    private static void Recognize(V1Deployment d, Rollout rollout, List<V1DeploymentCondition> conditions, DateTimeOffset now)
    {
        if (rollout.Current is not { } current)
        {
            return;
        }

        foreach (var (key, value) in Revisions.For(d, current.Rs.Metadata.Annotations, NextRevision(rollout)))
        {
            current.Annotate(key, value);
        }

        if ((current.Rs.Spec.MinReadySeconds ?? 0) != (d.Spec.MinReadySeconds ?? 0))
        {
            current.MinReadySeconds = d.Spec.MinReadySeconds ?? 0;
        }

        if (DeploymentFacts.ProgressDeadline(d) is not null && DeploymentConditions.Find(conditions, DeploymentConditions.Progressing) is null)
        {
            DeploymentConditions.Set(conditions, now, DeploymentConditions.Progressing, "True", "FoundNewReplicaSet", $"Found new replica set \"{current.Name}\"");
        }

        AutoRollback.Begin(d, current, conditions, now);
    }

    private static void Create(
        V1Deployment d, Rollout rollout, V1DeploymentStatus status, List<V1DeploymentCondition> conditions, DateTimeOffset now, ApiError? creationError)
    {
        var revision = NextRevision(rollout);
        if (creationError?.Reason == ApiReason.AlreadyExists)
        {
            status.CollisionCount = (status.CollisionCount ?? 0) + 1;
        }

        var rs = Revisions.NewReplicaSet(d, status.CollisionCount, revision);
        while (rollout.Old.Any(r => r.Name == rs.Metadata.Name))
        {
            status.CollisionCount = (status.CollisionCount ?? 0) + 1;
            rs = Revisions.NewReplicaSet(d, status.CollisionCount, revision);
        }

        rollout.Start(new PlannedReplicaSet(rs, isCreated: true));
        if (DeploymentFacts.ProgressDeadline(d) is null)
        {
            return;
        }

        if (creationError is null or { Reason: ApiReason.AlreadyExists })
        {
            // Each replica set has the whole deadline, also one that follows another at once.
            var message = $"Created new replica set \"{rs.Metadata.Name}\"";
            DeploymentConditions.Set(conditions, now, DeploymentConditions.Progressing, "True", "NewReplicaSetCreated", message,
                touch: DeploymentConditions.Find(conditions, DeploymentConditions.Progressing)?.Message != message);
        }
        else if (DeploymentConditions.Find(conditions, DeploymentConditions.Progressing)?.Reason != DeploymentConditions.ProgressDeadlineExceeded)
        {
            DeploymentConditions.Set(conditions, now, DeploymentConditions.Progressing, "False", "ReplicaSetCreateError", creationError.Message);
        }
    }

    private static void Recreate(
        V1Deployment d, Rollout rollout, IReadOnlyList<PodOutline> pods, V1DeploymentStatus status, List<V1DeploymentCondition> conditions, DateTimeOffset now,
        ApiError? creationError)
    {
        var isOldAround = rollout.Old.Any(r => r.Replicas > 0 || (r.Rs.Status?.Replicas ?? 0) > 0) || pods.Any(p => IsOldAndAlive(p, rollout));
        rollout.ScaleDownAllOld();
        if (isOldAround)
        {
            return;
        }

        if (rollout.Current is null)
        {
            Create(d, rollout, status, conditions, now, creationError);
        }
        else
        {
            rollout.Resize(rollout.Current, DeploymentFacts.Replicas(d));
        }
    }

    private static bool IsOldAndAlive(PodOutline pod, Rollout rollout) =>
        !pod.HasEnded && pod.Object.Controller is { } owner && rollout.Old.Any(r => r.Rs.Metadata.Uid == owner.Uid);

    private static bool IsScaling(V1Deployment d, Rollout rollout) =>
        rollout.All.Any(r => r.Replicas > 0
            && Revisions.Number(r.Rs.Metadata.Annotations, Revisions.DesiredReplicas) is { } desired && desired != DeploymentFacts.Replicas(d));

    private static long NextRevision(Rollout rollout) => rollout.Old.Select(r => Revisions.Of(r.Rs.Metadata)).DefaultIfEmpty().Max() + 1;

    private static List<V1ReplicaSet> Outdated(V1Deployment d, Rollout rollout)
    {
        var candidates = rollout.Old.Where(r => r.Rs.Metadata.DeletionTimestamp is null).ToList();
        var surplus = DeploymentFacts.HistoryLimit(d) is { } limit ? candidates.Count - limit : 0;
        return [.. candidates
            .OrderBy(r => Revisions.Of(r.Rs.Metadata))
            .Take(Math.Max(0, surplus))
            .Where(r => r.Replicas == 0 && (r.Rs.Spec.Replicas ?? 1) == 0 && (r.Rs.Status?.Replicas ?? 0) == 0
                && (r.Rs.Metadata.Generation ?? 0) <= (r.Rs.Status?.ObservedGeneration ?? 0))
            .Select(r => r.Rs)];
    }

    private static DeploymentPlan Result(V1Deployment d, Rollout rollout, IReadOnlyList<V1ReplicaSet> delete, V1DeploymentStatus? status, TimeSpan? recheck)
    {
        V1ReplicaSet? create = null;
        if (rollout.Current is { IsCreated: true } created)
        {
            create = created.Rs;
            create.Spec.Replicas = created.Replicas;
            foreach (var (key, value) in created.Annotations)
            {
                create.Metadata.Annotations[key] = value;
            }
        }

        var annotations = AutoRollback.Outdated(d).ToDictionary(a => a, _ => (string?)null, StringComparer.Ordinal);
        if (rollout.Current?.Annotation(Revisions.Revision) is { } revision
            && !(d.Metadata.Annotations is { } existing && existing.TryGetValue(Revisions.Revision, out var old) && old == revision))
        {
            annotations[Revisions.Revision] = revision;
        }

        return new DeploymentPlan(
            create,
            [.. rollout.All.Where(r => !r.IsCreated && r.IsChanged && !delete.Contains(r.Rs)).Select(r => new ReplicaSetScale(r.Rs, r.Replicas, r.Annotations, r.MinReadySeconds))],
            delete, annotations,
            Models.Same(d.Status, status) ? null : status,
            recheck, rollout.Events);
    }
}
