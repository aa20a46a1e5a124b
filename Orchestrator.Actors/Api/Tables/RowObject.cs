namespace Orchestrator.Actors.Api.Tables;

/// <summary>What the rows of a table carry of their objects beside the cells (Kubernetes' <c>includeObject</c>).</summary>
public enum RowObject
{
    /// <summary>Their metadata.</summary>
    Metadata,

    /// <summary>All of them: what a client sorts by may stand anywhere in them.</summary>
    Object,

    /// <summary>Nothing.</summary>
    None,
}
