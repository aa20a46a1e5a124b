using System.Text.Json.Nodes;
using Orchestrator.Actors.Api;
using Orchestrator.Actors.Entities;
using Orchestrator.Actors.Feed;

namespace Orchestrator.Actors.GarbageCollection;

/// <summary>Decides what follows from ownership for one object. Pure and level-triggered: repeat it with fresh input until it asks for nothing.</summary>
/// <remarks>Rules: Kubernetes, "Garbage Collection" and "Use Cascading Deletion". An object and its owners meet by uid, and only within a namespace
/// (or with an owner that has none); an owner elsewhere counts as absent.</remarks>
internal static class GarbageCollector
{
    private const string By = "system:garbage-collector";

    /// <summary>The state of an owner that a dependent refers to.</summary>
    private enum OwnerState
    {
        Present,
        Absent,
        WaitsForDependents,
    }

    /// <summary>The commands that bring an object closer to what its deletion, or that of its owners, asks for.</summary>
    public static IReadOnlyList<ObjectCommand> Plan(KubeObject item, IClusterView view, long cause) =>
        !item.IsDeleting ? PlanDependent(item, view, cause)
        : item.Finalizers.Contains(Finalizers.Orphan) ? PlanOrphaning(item, view, cause)
        : item.Finalizers.Contains(Finalizers.Foreground) ? PlanWaiting(item, view, cause)
        : [];

    /// <summary>Objects that refer to this one as an owner.</summary>
    public static IEnumerable<KubeObject> DependentsOf(KubeObject owner, IClusterView view) =>
        view.Indexed(IndexKey.Owner(owner.Uid)).Where(d => Meets(owner, d));

    private static IReadOnlyList<ObjectCommand> PlanOrphaning(KubeObject owner, IClusterView view, long cause)
    {
        var dependents = DependentsOf(owner, view).ToList();
        return dependents.Count > 0 ? [.. dependents.Select(d => WithOwners(d, o => o.Uid != owner.Uid, o => o, verb: "orphaned", cause))] : [WithoutFinalizer(owner, Finalizers.Orphan, cause)];
    }

    // Its dependents are planned for themselves: each knows its other owners.
    private static IReadOnlyList<ObjectCommand> PlanWaiting(KubeObject owner, IClusterView view, long cause) =>
        DependentsOf(owner, view).Any(d => d.Owners.Any(o => o.Uid == owner.Uid && o.Blocks)) ? [] : [WithoutFinalizer(owner, Finalizers.Foreground, cause)];

    private static IReadOnlyList<ObjectCommand> PlanDependent(KubeObject item, IClusterView view, long cause)
    {
        if (item.Owners.IsEmpty)
        {
            return [];
        }

        var states = item.Owners.Select(o => (o.Uid, State: StateOf(o, item, view))).ToList();
        if (states.Any(s => s.State == OwnerState.Present))
        {
            var gone = states.Where(s => s.State != OwnerState.Present).Select(s => s.Uid).ToHashSet();
            return gone.Count > 0 ? [WithOwners(item, o => !gone.Contains(o.Uid), o => o, verb: "released", cause)] : [];
        }

        var dependents = states.Any(s => s.State == OwnerState.WaitsForDependents) ? DependentsOf(item, view).ToList() : [];
        if (dependents.Count == 0)
        {
            return [Delete(item, item.Finalizers.Contains(Finalizers.Orphan) ? "Orphan" : item.Finalizers.Contains(Finalizers.Foreground) ? "Foreground" : "Background", cause)];
        }

        // A dependent that waits for its own dependents may be waiting for this very object: it must not block the circle.
        if (item.Owners.Any(o => o.Blocks) && dependents.Any(d => d.IsDeleting && d.Finalizers.Contains(Finalizers.Foreground)))
        {
            return [WithOwners(item, _ => true, o => o with { Blocks = false }, verb: "unblocked", cause)];
        }

        return [Delete(item, "Foreground", cause)];
    }

    private static OwnerState StateOf(Owner reference, KubeObject item, IClusterView view) =>
        view.ByUid(reference.Uid) is not { } owner || !Meets(owner, item) ? OwnerState.Absent
        : owner.IsDeleting && owner.Finalizers.Contains(Finalizers.Foreground) ? OwnerState.WaitsForDependents
        : OwnerState.Present;

    private static bool Meets(KubeObject owner, KubeObject dependent) => owner.Namespace.Length == 0 || owner.Namespace == dependent.Namespace;

    private static DeleteObject Delete(KubeObject item, string propagation, long cause) => new(item.Key, By, cause, Propagation: propagation, ExpectedUid: item.Uid);

    // A list is written whole: only onto the version that it was read from.
    private static MergeObject WithOwners(KubeObject item, Func<Owner, bool> isKept, Func<Owner, Owner> change, string verb, long cause)
    {
        var left = item.Owners.Where(isKept).Select(o => (JsonNode)change(o).ToNode()).ToArray();
        return Meta(item, "ownerReferences", left.Length == 0 ? null : new JsonArray(left), verb, cause);
    }

    private static MergeObject WithoutFinalizer(KubeObject item, string finalizer, long cause)
    {
        var left = item.Finalizers.Where(f => f != finalizer).Select(f => (JsonNode)JsonValue.Create(f)).ToArray();
        return Meta(item, "finalizers", left.Length == 0 ? null : new JsonArray(left), verb: "finalized", cause);
    }

    private static MergeObject Meta(KubeObject item, string field, JsonArray? left, string verb, long cause) => new(item.Key, item.Uid,
        new JsonObject { ["metadata"] = new JsonObject { [field] = left } }, verb, By, cause, ExpectedRevision: item.Revision);
}
