using Orchestrator.Actors.Workloads;
using k8s.Models;
using C = Orchestrator.Actors.Kinds.Deployments.DeploymentConditions;

namespace Orchestrator.Actors.Kinds.Deployments;

/// <summary>Rolls a deployment that asks for it back to its last complete revision when its progress deadline passes.</summary>
/// <remarks>Kubernetes, "Deployments", leaves this to "higher level orchestrators": a deployment that exceeded its deadline stays as it is. All that is
/// remembered is in annotations: which revision was complete, on its replica set; that the template is that of a rollback, on the deployment, written
/// together with the template.</remarks>
internal static class AutoRollback
{
    /// <summary>On a deployment: <c>"true"</c> to roll back.</summary>
    public const string Annotation = "orchestrator.io/auto-rollback";

    /// <summary>On a replica set: the revision that it was when it was last complete.</summary>
    public const string CompleteRevision = "orchestrator.io/complete-revision";

    /// <summary>On a deployment that was rolled back: the revision that it left.</summary>
    public const string From = "orchestrator.io/rolled-back-from";

    /// <summary>On a deployment that was rolled back: the hash of the template that it was given. With any other template the rollback is history.</summary>
    public const string To = "orchestrator.io/rolled-back-to";

    /// <summary>Condition: True since a rollback; False if it failed too, or if there was no revision to roll back to.</summary>
    public const string RolledBack = "RolledBack";

    public const string TimedOut = "RollbackTimedOut";
    public const string RevisionNotFound = "RollbackRevisionNotFound";

    public static bool IsOn(V1Deployment d) => Text(d, Annotation) == "true";

    /// <summary>Notes on the only replica set with pods that its revision is complete; false if it says so already. To be carried out before anything
    /// else, so that a template that comes next finds what it may be rolled back to.</summary>
    public static bool Note(V1Deployment d, Rollout rollout)
    {
        if (!IsOn(d) || rollout.All.Where(r => r.Replicas > 0 || r.Rs.Status?.Replicas > 0).ToList() is not [var only] || !IsComplete(only))
        {
            return false;
        }

        only.Annotate(CompleteRevision, Revisions.Text(Revisions.Of(only.Rs.Metadata)));
        return only.IsChanged;
    }

    /// <summary>Restarts the deadline for a revision that begins with a replica set of the past. Kubernetes lets it go on, and would call this revision
    /// late because of the one before.</summary>
    public static void Begin(V1Deployment d, PlannedReplicaSet current, List<V1DeploymentCondition> conditions, DateTimeOffset now)
    {
        if (IsOn(d) && DeploymentFacts.ProgressDeadline(d) is not null && !IsSaid(d, current))
        {
            C.Set(conditions, now, C.Progressing, "True", "FoundNewReplicaSet", $"Found new replica set \"{current.Name}\"", touch: true);
        }
    }

    /// <summary>Says what became of a rollback, and returns the next one if it is due.</summary>
    public static DeploymentRollback? Judge(V1Deployment d, Rollout rollout, List<V1DeploymentCondition> conditions, DateTimeOffset now, Func<V1PodTemplateSpec, string?> versions)
    {
        var isLate = C.Find(conditions, C.Progressing)?.Reason == C.ProgressDeadlineExceeded;
        if (IsRolledBack(d))
        {
            var (from, to) = (Text(d, From), rollout.Current?.Name);
            if (isLate)
            {
                C.Set(conditions, now, RolledBack, "False", TimedOut,
                    $"The rollback from revision {from} to replica set \"{to}\" has exceeded its progress deadline too. It is not rolled back again: apply a template that works.");
            }
            else
            {
                C.Set(conditions, now, RolledBack, "True", C.ProgressDeadlineExceeded, $"Revision {from} exceeded its progress deadline; rolled back to replica set \"{to}\".");
            }

            return null;
        }

        if (isLate && IsOn(d) && rollout.Current is { } current && !WasComplete(current))
        {
            if (Target(d, rollout, versions) is var (target, template))
            {
                return IsStored(d, current) ? Rollback(current, target, template) : null;
            }

            C.Set(conditions, now, RolledBack, "False", RevisionNotFound,
                $"Revision {current.Annotation(Revisions.Revision)} exceeded its progress deadline, and no other template is known to have been complete. Apply a template that works{(ConfigPin.IsOn(d) ? ", or correct the configuration" : "")}.");
            return null;
        }

        conditions.RemoveAll(c => c.Type == RolledBack);
        return null;
    }

    /// <summary>The event for a condition that is new.</summary>
    public static DeploymentEvent? Event(V1Deployment d, List<V1DeploymentCondition> conditions) =>
        C.Find(conditions, RolledBack) is { Status: "False" } said && C.Find(d.Status?.Conditions, RolledBack)?.Reason != said.Reason
            ? new DeploymentEvent("Warning", "Deployment" + said.Reason, said.Message) : null;

    /// <summary>The annotations of a rollback, to be removed if the deployment got another template since.</summary>
    public static IEnumerable<string> Outdated(V1Deployment d) => IsRolledBack(d) ? [] : ((string[])[From, To]).Where(a => Text(d, a) is not null);

    /// <summary>The hash by which a template is recognized as that of a rollback, whatever the configuration is since.</summary>
    public static string HashOf(V1PodTemplateSpec template) => TemplateHash.Of(ConfigPin.With(template, null), null);

    private static bool IsRolledBack(V1Deployment d) => Text(d, To) is { } to && to == HashOf(d.Spec.Template);

    // A rollout that was complete once does not become a failed one by a pause or by the loss of a node.
    private static bool WasComplete(PlannedReplicaSet rs) => rs.Annotation(CompleteRevision) is { } complete && complete == rs.Annotation(Revisions.Revision);

    private static DeploymentRollback Rollback(PlannedReplicaSet current, PlannedReplicaSet target, V1PodTemplateSpec template)
    {
        var (from, to) = (Revisions.Of(current.Rs.Metadata), Revisions.Of(target.Rs.Metadata));
        return new DeploymentRollback(target.Rs, template, from,
            $"Revision {from} (replica set \"{current.Name}\") exceeded its progress deadline; rolled back to revision {to} (replica set \"{target.Name}\")");
    }

    // The last one that was complete, and no older one: if it differs in nothing but the configuration, it would bring back the same pods, and an older template
    // is not what the user wants.
    private static (PlannedReplicaSet Set, V1PodTemplateSpec Template)? Target(V1Deployment d, Rollout rollout, Func<V1PodTemplateSpec, string?> versions)
    {
        var last = rollout.Old.Where(r => r.Annotation(CompleteRevision) is not null && r.Rs.Metadata.DeletionTimestamp is null).MaxBy(r => Revisions.Of(r.Rs.Metadata));
        var template = last is null ? null : ConfigPin.With(last.Rs.Spec.Template, versions(last.Rs.Spec.Template));
        return template is null || TemplateHash.SameTemplate(template, d.Spec.Template) ? null : (last!, template);
    }

    // Clients see first that the deadline has passed (kubectl rollout status ends with an error), and then the rollback. Also, what is stored may be about
    // the template before.
    private static bool IsStored(V1Deployment d, PlannedReplicaSet current) =>
        d.Status?.ObservedGeneration == d.Metadata.Generation && IsSaid(d, current) && C.Find(d.Status?.Conditions, C.Progressing)?.Reason == C.ProgressDeadlineExceeded;

    private static bool IsSaid(V1Deployment d, PlannedReplicaSet current) => Text(d, Revisions.Revision) == current.Annotation(Revisions.Revision);

    // All pods of a deployment's size, and all of them available.
    private static bool IsComplete(PlannedReplicaSet rs) =>
        rs.Rs.Status is { } status && rs.Replicas > 0 && rs.Annotation(Revisions.DesiredReplicas) == Revisions.Text(rs.Replicas)
        && status.Replicas == rs.Replicas && status.AvailableReplicas == rs.Replicas
        && (rs.Rs.Metadata.Generation ?? 0) <= (status.ObservedGeneration ?? 0);

    private static string? Text(V1Deployment d, string annotation) => d.Metadata.Annotations is { } all && all.TryGetValue(annotation, out var text) ? text : null;
}
