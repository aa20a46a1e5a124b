using k8s.Models;

namespace Orchestrator.Actors.GarbageCollection;

/// <summary>What happens to the dependents of an object that is deleted.</summary>
internal enum PropagationPolicy
{
    /// <summary>The owner goes at once, its dependents afterwards.</summary>
    Background,

    /// <summary>The owner stays until every dependent that blocks it is gone.</summary>
    Foreground,

    /// <summary>The dependents stay and forget their owner.</summary>
    Orphan,
}

/// <summary>The state of an owner that a dependent refers to by uid.</summary>
internal enum OwnerState
{
    /// <summary>It exists.</summary>
    Present,

    /// <summary>No object has that uid any more.</summary>
    Absent,

    /// <summary>It is being deleted in the foreground and waits for its dependents.</summary>
    WaitsForDependents,
}

/// <summary>An object as the garbage collector sees it.</summary>
internal sealed record GarbageObject(string ApiVersion, string Kind, V1ObjectMeta Metadata);

/// <summary>One step to take.</summary>
internal abstract record GarbageAction
{
    /// <summary>Delete the object with this policy, provided that its uid is still the same.</summary>
    internal sealed record Delete(GarbageObject Target, PropagationPolicy Policy) : GarbageAction;

    /// <summary>Remove the references to these owners (by uid) from the object.</summary>
    internal sealed record RemoveOwners(GarbageObject Target, IReadOnlyList<string> OwnerUids) : GarbageAction;

    /// <summary>Stop blocking the deletion of an owner: set blockOwnerDeletion to false in the references to these owners.</summary>
    internal sealed record Unblock(GarbageObject Target, IReadOnlyList<string> OwnerUids) : GarbageAction;

    /// <summary>Remove the finalizer, so that the deletion can complete.</summary>
    internal sealed record RemoveFinalizer(GarbageObject Target, string Finalizer) : GarbageAction;
}
