using System.Collections.Frozen;
using System.Text.Json.Nodes;
using Orchestrator.Actors.Api;
using Orchestrator.Actors.Entities;
using Orchestrator.Actors.Feed;
using Orchestrator.Actors.Journal;
using Orchestrator.Actors.Kinds.Events;
using Orchestrator.Actors.Kinds.Namespaces;
using Orchestrator.Actors.Reconcile;
using Orchestrator.Actors.Resources;

namespace Orchestrator.Actors.GarbageCollection;

/// <summary>Plans the garbage collection of one object. Pure and level-triggered: call it again after each change, until it returns no command.</summary>
/// <remarks>Rules: Kubernetes, "Garbage Collection" and "Owners and Dependents". A reference names its owner by group, kind, name and uid, in the
/// namespace of the dependent or, if the owner's kind is cluster-scoped, in the cluster. If no such object exists, the owner is absent. A reference that
/// cannot be resolved (a kind that is not served, or a namespaced owner of a cluster-scoped dependent) is ignored, and the dependent stays.
/// An object without owners whose namespace is gone is deleted: its creation was under way when the namespace was found empty.</remarks>
internal static class GarbageCollector
{
    private const string By = "system:garbage-collector";
    private static readonly FrozenSet<string> Tracking = BuiltIn.All.Select(k => k.TrackingFinalizer).OfType<string>().ToFrozenSet();

    /// <summary>The state of an owner that a dependent refers to.</summary>
    private enum OwnerState
    {
        Present,
        Absent,
        WaitsForDependents,
        Unresolvable,
    }

    /// <summary>Returns the commands for an object that is being deleted, or whose owners are deleted or being deleted.</summary>
    public static IReadOnlyList<ObjectCommand> Plan(KubeObject item, IClusterView view, long cause)
    {
        var plan = !item.IsDeleting ? PlanDependent(item, view, cause)
            : item.Finalizers.Contains(Finalizers.Orphan) ? PlanOrphaning(item, view, cause)
            : item.Finalizers.Contains(Finalizers.Foreground) ? PlanWaiting(item, view, cause)
            : [];
        return plan.Count == 0 && AbandonedFinalizer(item, view) is { } finalizer ? [new ControllerCommands(item, By, cause).WithoutFinalizer(finalizer)] : plan;
    }

    /// <summary>Objects that refer to this one as an owner.</summary>
    public static IEnumerable<KubeObject> DependentsOf(KubeObject owner, IClusterView view) =>
        view.Indexed(IndexKey.Owner(owner.Uid)).Where(d => d.Owners.Any(o => Names(view, o, d, owner)));

    /// <summary>All objects that may need a plan when a garbage collector starts.</summary>
    public static IEnumerable<KubeObject> Unfinished(IClusterView view) =>
        view.Registry.All.Where(k => k != EventDefinition.Instance).SelectMany(view.All).Where(o => o.IsDeleting || !o.Owners.IsEmpty || !o.Finalizers.IsEmpty || IsHomeless(o, view));

    /// <summary>The objects that may need a plan after a change.</summary>
    public static IEnumerable<KubeObject> Concerned(ObjectChange change, IClusterView view)
    {
        var (now, before) = (change.Object, change.Previous);
        var isGone = change.Type == "DELETED";
        if (!isGone && (now.IsDeleting || (before is null ? !now.Owners.IsEmpty || IsHomeless(now, view) : before.Owners != now.Owners)))
        {
            yield return now;
        }

        if (isGone || (now.IsDeleting && before?.IsDeleting != true))
        {
            foreach (var dependent in DependentsOf(now, view))
            {
                yield return dependent;
            }
        }

        // Whatever was created in a namespace while its last finalizer was removed.
        if (isGone && now.Kind == NamespaceDefinition.Instance)
        {
            foreach (var left in view.Indexed(IndexKey.Namespace(now.Name)))
            {
                yield return left;
            }
        }

        // An owner that is being deleted may have waited for this dependent.
        if (before is not null && (isGone || before.Owners != now.Owners))
        {
            foreach (var waiting in before.Owners.Select(o => view.ByUid(o.Uid)).OfType<KubeObject>().Where(o => o.IsDeleting))
            {
                yield return waiting;
            }
        }
    }

    // An object is created only in a namespace that exists, so if the cache has the object and not the namespace, the namespace is gone.
    private static bool IsHomeless(KubeObject item, IClusterView view) =>
        item.Namespace.Length > 0 && item.Kind != EventDefinition.Instance && view.Find(NamespaceDefinition.Instance.Key(null, item.Namespace)) is null;

    // The finalizer by which a controller tracks the object, if that controller is gone: nobody else removes it.
    private static string? AbandonedFinalizer(KubeObject item, IClusterView view) => item.Finalizers.FirstOrDefault(f =>
        Tracking.Contains(f)
        && !(item.Controller is { } owner && view.Registry.ByGroupKind(owner.Group, owner.Kind)?.TrackingFinalizer == f && StateOf(owner, item, view) != OwnerState.Absent));

    private static IReadOnlyList<ObjectCommand> PlanOrphaning(KubeObject owner, IClusterView view, long cause)
    {
        var dependents = DependentsOf(owner, view).ToList();
        return dependents.Count > 0 ? [.. dependents.Select(d => WithOwners(d, o => o.Uid != owner.Uid, o => o, verb: "orphaned", cause))] : [new ControllerCommands(owner, By, cause).WithoutFinalizer(Finalizers.Orphan)];
    }

    // Each dependent is planned on its own, because it may have other owners.
    private static IReadOnlyList<ObjectCommand> PlanWaiting(KubeObject owner, IClusterView view, long cause) =>
        DependentsOf(owner, view).Any(d => d.Owners.Any(o => Names(view, o, d, owner) && o.Blocks)) ? [] : [new ControllerCommands(owner, By, cause).WithoutFinalizer(Finalizers.Foreground)];

    private static IReadOnlyList<ObjectCommand> PlanDependent(KubeObject item, IClusterView view, long cause)
    {
        if (item.Owners.IsEmpty)
        {
            return IsHomeless(item, view) ? [Delete(item, "Background", cause)] : [];
        }

        var states = item.Owners.Select(o => (Owner: o, State: StateOf(o, item, view))).ToList();
        if (states.Any(s => s.State == OwnerState.Unresolvable))
        {
            return states.FirstOrDefault(s => view.Registry.ByGroupKind(s.Owner.Group, s.Owner.Kind) is not null && s.State == OwnerState.Unresolvable).Owner is { } misplaced
                ? [Misplaced(item, misplaced, cause)] : [];
        }

        if (states.Any(s => s.State == OwnerState.Present))
        {
            var gone = states.Where(s => s.State != OwnerState.Present).Select(s => s.Owner).ToHashSet();
            return gone.Count > 0 ? [WithOwners(item, o => !gone.Contains(o), o => o, verb: "released", cause)] : [];
        }

        var dependents = states.Any(s => s.State == OwnerState.WaitsForDependents) ? DependentsOf(item, view).ToList() : [];
        if (dependents.Count == 0)
        {
            return [Delete(item, item.Finalizers.Contains(Finalizers.Orphan) ? "Orphan" : item.Finalizers.Contains(Finalizers.Foreground) ? "Foreground" : "Background", cause)];
        }

        // A dependent that waits for its own dependents may wait for this object. It must not block it, or a cycle would never be deleted.
        if (item.Owners.Any(o => o.Blocks) && dependents.Any(d => d.IsDeleting && d.Finalizers.Contains(Finalizers.Foreground)))
        {
            return [WithOwners(item, _ => true, o => o with { Blocks = false }, verb: "unblocked", cause)];
        }

        return [Delete(item, "Foreground", cause)];
    }

    private static OwnerState StateOf(Owner reference, KubeObject item, IClusterView view) =>
        view.Registry.KeyOf(reference, item.Namespace) is not { } key ? OwnerState.Unresolvable
        : view.Find(key) is not { } owner || owner.Uid != reference.Uid ? OwnerState.Absent
        : owner.IsDeleting && owner.Finalizers.Contains(Finalizers.Foreground) ? OwnerState.WaitsForDependents
        : OwnerState.Present;

    private static bool Names(IClusterView view, Owner reference, KubeObject item, KubeObject owner) =>
        reference.Uid == owner.Uid && view.Registry.KeyOf(reference, item.Namespace) == owner.Key;

    // Recorded each time the object is checked, as in Kubernetes since 1.20.
    private static MergeObject Misplaced(KubeObject item, Owner owner, long cause) => new MergeObject(item.Key, item.Uid, [], "checked", By, cause, RecordedEvents:
    [
        new RecordedEvent("Warning", "OwnerRefInvalidNamespace", $"ownerRef [{owner.ApiVersion}/{owner.Kind}, namespace: {item.Namespace}, name: {owner.Name}, uid: {owner.Uid}] "
            + $"cannot hold: {item.Kind.Kind} {item.Name} has no namespace and {owner.Kind} has one; remove the reference", "garbage-collector-controller"),
    ]);

    // Only of the version whose owners were looked at: somebody may have taken it over since, such as a claim that the next pod of its name uses.
    private static DeleteObject Delete(KubeObject item, string propagation, long cause) =>
        new(item.Key, By, cause, Propagation: propagation, ExpectedUid: item.Uid, ExpectedRevision: item.Revision);

    // The patch replaces the whole list, so it may apply only to the version that was read.
    private static MergeObject WithOwners(KubeObject item, Func<Owner, bool> isKept, Func<Owner, Owner> change, string verb, long cause)
    {
        var left = item.Owners.Where(isKept).Select(o => (JsonNode)change(o).ToNode()).ToArray();
        return new MergeObject(item.Key, item.Uid, new JsonObject { ["metadata"] = new JsonObject { ["ownerReferences"] = left.Length == 0 ? null : new JsonArray(left) } },
            verb, By, cause, ExpectedRevision: item.Revision);
    }
}
