using System.Collections.Immutable;
using System.Text.Json.Nodes;
using Orchestrator.Actors.Api;

namespace Orchestrator.Actors.Journal;

/// <summary>A change of one object, with its author and cause. The only event type of the journal.</summary>
/// <param name="Manifest">Stable wire name: <c>noun.verb.version</c>, such as <c>pod.scheduled.1</c>.</param>
/// <param name="At">When it was decided.</param>
/// <param name="By">The user or component that caused it.</param>
/// <param name="Cause">Revision of the event that led to it; 0 for a request from a client.</param>
/// <param name="Delta">RFC 7386 merge patch from the previous to the new object (whole object when created; null when deleted).</param>
/// <param name="Details">Additional data that is not part of the object, such as scheduling scores.</param>
/// <param name="RecordedEvents">Kubernetes Events that report this event to users.</param>
public sealed record ObjectEvent(
    string Manifest,
    DateTimeOffset At,
    UserInfo By,
    long Cause,
    JsonObject? Delta,
    JsonObject? Details = null,
    ImmutableArray<RecordedEvent> RecordedEvents = default)
{
    private FoldMemo _memo;

    /// <summary>Why the row cannot be read; null if it can. Only the object of the event is affected.</summary>
    public string? Damage { get; private init; }

    /// <summary>Creates the event for a row of the journal that cannot be read.</summary>
    /// <param name="manifest">Manifest of the row.</param>
    /// <param name="revision">Revision of the row.</param>
    /// <param name="reason">Why it cannot be read.</param>
    public static ObjectEvent Damaged(string manifest, long revision, string reason) =>
        new(manifest, DateTimeOffset.UnixEpoch, "system:journal", 0, null) { Revision = revision, Damage = reason };

    /// <summary>Position of the event in the journal; set when its batch commits, before the persist handler runs.</summary>
    public long Revision { get; set; }

    /// <summary>The middle of the manifest: <c>created</c>, <c>deleted</c>, <c>scheduled</c>, …</summary>
    public string Verb => Manifest.Split('.')[^2];

    /// <summary>Whether this event deletes the object.</summary>
    public bool IsDeletion => Verb == "deleted";

    /// <summary>Whether this event creates the object.</summary>
    public bool IsCreation => Verb == "created";

    /// <summary>Returns the cached result of applying this event to the same version; null if it was not applied to it.</summary>
    internal KubeObject? Outcome(KubeObject? before) => Volatile.Read(ref _memo.Fold) is { } fold
        && fold.After.Revision == Revision && fold.Before == (before?.Revision ?? 0) && ReferenceEquals(fold.Delta, Delta) ? fold.After : null;

    internal void Remember(KubeObject? before, KubeObject after) => Volatile.Write(ref _memo.Fold, new Fold(before?.Revision ?? 0, Delta, after));

    private sealed record Fold(long Before, JsonObject? Delta, KubeObject After);

    // A cache, not part of the event's value: all instances are equal.
    private struct FoldMemo : IEquatable<FoldMemo>
    {
        public Fold? Fold;

        public readonly bool Equals(FoldMemo other) => true;

        public override readonly bool Equals(object? obj) => obj is FoldMemo;

        public override readonly int GetHashCode() => 0;
    }
}

/// <summary>A Kubernetes Event, as <c>kubectl get events</c> lists it, recorded as part of the journal event that it reports.</summary>
/// <param name="Type"><c>Normal</c> or <c>Warning</c>.</param>
/// <param name="Reason">One CamelCase word.</param>
/// <param name="Message">A sentence.</param>
/// <param name="Component">Component that reports it.</param>
/// <param name="Count">Occurrences since it was last written; at least 1.</param>
public sealed record RecordedEvent(string Type, string Reason, string Message, string Component, int Count = 1);

/// <summary>A stored event with the persistence id of its object.</summary>
/// <param name="PersistenceId">See <see cref="ObjectKey.PersistenceId"/>.</param>
/// <param name="SequenceNr">Sequence number of the entity.</param>
/// <param name="Event">The event with its revision.</param>
public sealed record Committed(string PersistenceId, long SequenceNr, ObjectEvent Event);
