using System.Collections.Immutable;
using System.Text.Json.Nodes;
using Orchestrator.Actors.Api;

namespace Orchestrator.Actors.Journal;

/// <summary>What happened to one object, who did it and why. The only event type of the journal.</summary>
/// <param name="Manifest">Stable wire name: <c>noun.verb.version</c>, such as <c>pod.scheduled.1</c>.</param>
/// <param name="At">When it was decided.</param>
/// <param name="By">The user or actor that decided.</param>
/// <param name="Cause">Revision of the event that made it decide; 0 for a request from outside.</param>
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

    /// <summary>Why its row cannot be read; null for an event that can. It costs its own object, never the feed of all others.</summary>
    public string? Damage { get; private init; }

    /// <summary>Stands for a row of the journal that cannot be read.</summary>
    /// <param name="manifest">As far as it is known.</param>
    /// <param name="revision">Of the row.</param>
    /// <param name="reason">What is wrong with it.</param>
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

    /// <summary>The object after this event if it was folded onto the same version before; null when it was not.</summary>
    internal KubeObject? Outcome(KubeObject? before) => Volatile.Read(ref _memo.Fold) is { } fold
        && fold.After.Revision == Revision && fold.Before == (before?.Revision ?? 0) && ReferenceEquals(fold.Delta, Delta) ? fold.After : null;

    internal void Remember(KubeObject? before, KubeObject after) => Volatile.Write(ref _memo.Fold, new Fold(before?.Revision ?? 0, Delta, after));

    private sealed record Fold(long Before, JsonObject? Delta, KubeObject After);

    // No part of what the event says: all are equal.
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

/// <summary>An event as the feed carries it: with the object's persistence id.</summary>
/// <param name="PersistenceId">See <see cref="ObjectKey.PersistenceId"/>.</param>
/// <param name="SequenceNr">The entity's own count.</param>
/// <param name="Event">The event with its revision.</param>
public sealed record Committed(string PersistenceId, long SequenceNr, ObjectEvent Event);
