using System.Threading.Channels;
using Orchestrator.Actors.Api;
using Orchestrator.Actors.Resources;

namespace Orchestrator.Actors.Feed;

/// <summary>One change of an object, as a watch delivers it.</summary>
/// <param name="Type"><c>ADDED</c>, <c>MODIFIED</c> or <c>DELETED</c>.</param>
/// <param name="Object">The object after the change (deleted: its last state, resourceVersion of the deletion).</param>
/// <param name="Previous">The object before the change; null when added. A watch with a selector needs it to turn a change into ADDED or DELETED.</param>
/// <param name="Revision">Revision of the change.</param>
public sealed record ObjectChange(string Type, KubeObject Object, KubeObject? Previous, long Revision);

/// <summary>All objects of a kind at one revision.</summary>
/// <param name="Revision">The revision, of any kind, up to which the cache has applied the journal.</param>
/// <param name="Objects">The objects.</param>
public sealed record KindSnapshot(long Revision, ObjectMap Objects)
{
    /// <summary>Gets an object by namespace and name; null if there is none.</summary>
    public KubeObject? Find(string ns, string name) => Objects.Find(ns, name);
}

/// <summary>The read side: the current objects of all kinds, computed from the journal. There is one per control host.</summary>
public interface IObjectCache : IAdmissionView
{
    /// <summary>The kinds that are served, as of the changes that the cache holds.</summary>
    ResourceRegistry Registry { get; }

    /// <summary>Gets the objects of a kind without waiting. The latest writes may be missing.</summary>
    KindSnapshot Snapshot(ResourceDefinition kind);

    /// <summary>Gets the objects of a kind with every write that was acknowledged before the call.</summary>
    Task<KindSnapshot> SnapshotAsync(ResourceDefinition kind, CancellationToken cancellation);

    /// <summary>Gets the objects of a kind as they were at an earlier revision, from the changes that are kept for watches.</summary>
    /// <returns>Null if the changes since are no longer kept, or if the cache has not reached the revision.</returns>
    KindSnapshot? SnapshotAt(ResourceDefinition kind, long revision);

    /// <summary>Waits until the cache holds everything up to a revision.</summary>
    Task ReachedAsync(long revision, CancellationToken cancellation);

    /// <summary>Returns figures about the state of the cache, for metrics.</summary>
    CacheFigures Figures();

    /// <summary>The revision up to which the channels of all watches have their changes. Not above the revision of <see cref="Snapshot"/>.</summary>
    long Told { get; }

    /// <summary>Gets the changes of a kind after a revision, in order and without a gap; null if the revision is too old (410 Gone).
    /// The channel completes with a <see cref="SlowWatcherException"/> if the reader is too slow. Dispose the subscription to stop.</summary>
    ChangeSubscription? Watch(ResourceDefinition kind, long afterRevision);
}

/// <summary>A running watch.</summary>
/// <param name="Changes">Batches of changes in order.</param>
/// <param name="Stop">Stops the watch.</param>
public sealed record ChangeSubscription(ChannelReader<IReadOnlyList<ObjectChange>> Changes, Action Stop) : IDisposable
{
    /// <inheritdoc/>
    public void Dispose() => Stop();
}
