namespace Orchestrator.Tests.Faults;

/// <summary>What came to a watcher.</summary>
internal enum SeenKind
{
    /// <summary>All objects, by a list or as the first part of a watch.</summary>
    Listed,

    Added,
    Modified,
    Deleted,
    Bookmark,

    /// <summary>The watch ended or broke; it is resumed.</summary>
    Ended,

    /// <summary>410: the next thing is a list.</summary>
    Expired,
}

/// <summary>One thing that a watcher was told, in its order.</summary>
/// <param name="Watcher">Who was told.</param>
/// <param name="Host">By whom.</param>
/// <param name="At">When, since the start of the run.</param>
/// <param name="Kind">What.</param>
/// <param name="Name">Of which object; empty if of none.</param>
/// <param name="Revision">Version of the object, list or bookmark; 0 if there is none.</param>
/// <param name="Items">Names and versions of a list.</param>
/// <param name="Message">Why a watch ended.</param>
internal sealed record Seen(
    string Watcher, string Host, TimeSpan At, SeenKind Kind, string Name, long Revision, IReadOnlyDictionary<string, long>? Items = null, string Message = "")
{
    public bool IsChange => Kind is SeenKind.Added or SeenKind.Modified or SeenKind.Deleted;

    /// <summary>One line of a history.</summary>
    public override string ToString() =>
        $"{At.TotalSeconds,9:0.000}  {Watcher} from {Host}: {Kind} {Name}{(Revision > 0 ? $" {Revision}" : "")}{(Items is null ? "" : $" of {Items.Count}")}{(Message.Length > 0 ? " " + Message : "")}";
}
