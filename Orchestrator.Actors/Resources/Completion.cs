namespace Orchestrator.Actors.Resources;

/// <summary>How far a workload is, for those that start after it.</summary>
public enum Completion
{
    /// <summary>It is not there yet.</summary>
    Incomplete,

    /// <summary>All pods that it wants are available, or its work is done.</summary>
    Complete,

    /// <summary>It has ended and will never be complete.</summary>
    Failed,
}
