namespace Orchestrator.Actors.Api;

/// <summary>Finalizers that represent the propagation policy of a deletion (Kubernetes, "Garbage Collection").</summary>
internal static class Finalizers
{
    /// <summary>Dependents with <c>blockOwnerDeletion</c> are deleted before the object.</summary>
    public const string Foreground = "foregroundDeletion";

    /// <summary>Dependents are kept and lose their owner reference.</summary>
    public const string Orphan = "orphan";
}
