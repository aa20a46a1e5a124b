namespace Orchestrator.Actors.Api;

/// <summary>Finalizers by which a deletion asks for more than the object itself (Kubernetes, "Garbage Collection").</summary>
internal static class Finalizers
{
    /// <summary>Dependents that block go first.</summary>
    public const string Foreground = "foregroundDeletion";

    /// <summary>Dependents stay and forget their owner.</summary>
    public const string Orphan = "orphan";
}
