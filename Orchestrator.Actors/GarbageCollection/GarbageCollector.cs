using k8s.Models;

namespace Orchestrator.Actors.GarbageCollection;

/// <summary>Decides what follows from ownership when objects are deleted. Repeat it with fresh input until it plans nothing.</summary>
internal static class GarbageCollector
{
    public const string ForegroundFinalizer = "foregroundDeletion";
    public const string OrphanFinalizer = "orphan";

    /// <summary>The finalizer that a deletion with this policy puts on the object first.</summary>
    public static string? FinalizerOf(PropagationPolicy policy) => policy switch
    {
        PropagationPolicy.Foreground => ForegroundFinalizer,
        PropagationPolicy.Orphan => OrphanFinalizer,
        _ => null,
    };

    /// <summary>The policy an object asks for by its finalizers; Background without one.</summary>
    public static PropagationPolicy PolicyOf(V1ObjectMeta meta) =>
        Has(meta, OrphanFinalizer) ? PropagationPolicy.Orphan
        : Has(meta, ForegroundFinalizer) ? PropagationPolicy.Foreground
        : PropagationPolicy.Background;

    /// <summary>The steps for an object that is being deleted, or (Background) already gone, and those that refer to it by uid.</summary>
    public static IReadOnlyList<GarbageAction> Plan(GarbageObject owner, PropagationPolicy policy, IReadOnlyList<GarbageObject> dependents)
    {
        var uid = owner.Metadata.Uid;
        var mine = dependents.Where(d => d.Metadata.OwnerReferences?.Any(r => r.Uid == uid) == true).ToList();
        switch (policy)
        {
            case PropagationPolicy.Orphan:
                return mine.Count > 0
                    ? [.. mine.Select(d => new GarbageAction.RemoveOwners(d, [uid]))]
                    : Finish(owner, OrphanFinalizer);
            case PropagationPolicy.Foreground:
                // A dependent that another owner holds is let go by PlanDependent, which knows the other owners.
                var doomed = mine.Where(d => d.Metadata.DeletionTimestamp is null && d.Metadata.OwnerReferences.All(r => r.Uid == uid))
                    .Select(d => new GarbageAction.Delete(d, PropagationPolicy.Foreground));
                var isBlocked = mine.Any(d => d.Metadata.OwnerReferences.Any(r => r.Uid == uid && r.BlockOwnerDeletion == true));
                return [.. doomed, .. isBlocked ? [] : Finish(owner, ForegroundFinalizer)];
            default:
                return [.. mine.Where(d => d.Metadata.DeletionTimestamp is null && d.Metadata.OwnerReferences.All(r => r.Uid == uid))
                    .Select(d => new GarbageAction.Delete(d, PolicyOf(d.Metadata)))];
        }
    }

    /// <summary>The step, if any, for an object given the state of each of its owners (by uid) and its own dependents.</summary>
    public static IReadOnlyList<GarbageAction> PlanDependent(
        GarbageObject item, Func<V1OwnerReference, OwnerState> stateOf, IReadOnlyList<GarbageObject> dependents)
    {
        if (item.Metadata.DeletionTimestamp is not null || item.Metadata.OwnerReferences is not { Count: > 0 } owners)
        {
            return [];
        }

        var states = owners.Select(o => (o.Uid, State: stateOf(o))).ToList();
        if (states.Any(s => s.State == OwnerState.Present))
        {
            var gone = states.Where(s => s.State != OwnerState.Present).Select(s => s.Uid).ToList();
            return gone.Count > 0 ? [new GarbageAction.RemoveOwners(item, gone)] : [];
        }

        if (!states.Any(s => s.State == OwnerState.WaitsForDependents) || dependents.Count == 0)
        {
            return [new GarbageAction.Delete(item, PolicyOf(item.Metadata))];
        }

        // Dependents that are themselves being deleted and block this one could wait for each other in a circle.
        return
        [
            .. dependents.Where(d => Has(d.Metadata, ForegroundFinalizer) && d.Metadata.DeletionTimestamp is not null)
                .Take(1).Select(_ => new GarbageAction.Unblock(item, [.. owners.Select(o => o.Uid)])),
            new GarbageAction.Delete(item, PropagationPolicy.Foreground),
        ];
    }

    private static IReadOnlyList<GarbageAction> Finish(GarbageObject owner, string finalizer) =>
        Has(owner.Metadata, finalizer) ? [new GarbageAction.RemoveFinalizer(owner, finalizer)] : [];

    private static bool Has(V1ObjectMeta meta, string finalizer) => meta.Finalizers?.Contains(finalizer) == true;
}
