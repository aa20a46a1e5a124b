namespace Orchestrator.Actors.Api.Tables;

/// <summary>The part of the object that each row of a table includes (query parameter <c>includeObject</c>).</summary>
public enum RowObject
{
    /// <summary>Its metadata.</summary>
    Metadata,

    /// <summary>The whole object, for clients that sort by any field.</summary>
    Object,

    /// <summary>Nothing.</summary>
    None,
}
