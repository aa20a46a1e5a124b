using System.Collections.Concurrent;
using System.Collections.Immutable;
using System.Threading.Channels;
using Orchestrator.Actors.Api;
using Orchestrator.Actors.Feed.Checkpoints;
using Orchestrator.Actors.Journal;
using Orchestrator.Actors.Kinds.Events;
using Orchestrator.Actors.Resources;

namespace Orchestrator.Actors.Feed;

/// <summary>The changes of one committed batch, as the listeners of the cache receive them.</summary>
/// <param name="Revision">The cache holds everything up to here.</param>
/// <param name="Changes">In journal order.</param>
public sealed record FeedBatch(long Revision, IReadOnlyList<ObjectChange> Changes);

/// <summary>An event that this program cannot apply.</summary>
/// <param name="PersistenceId">The object.</param>
/// <param name="Revision">The event.</param>
/// <param name="Reason">Why not.</param>
public sealed record UnreadableEvent(string PersistenceId, long Revision, string Reason);

/// <summary>Applies the committed batches of the journal to one snapshot per kind. Readers get the latest snapshot and do not wait for a batch.</summary>
public sealed class ObjectCache : IObjectCache, IClusterView, ICommitSink, IAsyncDisposable
{
    private const long RingBytes = 32L << 20;
    private const int EventHorizon = 10_000;
    private static readonly TimeSpan FeedBound = TimeSpan.FromSeconds(12);

    private readonly Channel<IReadOnlyList<Committed>> _queue =
        Channel.CreateUnbounded<IReadOnlyList<Committed>>(new UnboundedChannelOptions { SingleReader = true });

    private readonly ConcurrentDictionary<string, KindSnapshot> _kinds = new();
    private readonly ObjectIndex _index = new();
    private readonly Lock _gate = new();
    private readonly ChangeRings _rings;
    private readonly List<Action<FeedBatch>> _listeners = [];
    private readonly Watchers _watchers = new();
    private readonly RevisionWaits _waits;
    private readonly KubeEventStore _events;
    private readonly Dictionary<string, UnreadableEvent> _unreadable = [];
    private Task _loop = Task.CompletedTask;
    private Exception? _fault;
    private Action<string, Exception> _trouble = (_, _) => { };
    private CurrentRevisionReader? _currentRevision;
    private long _head;
    private long _applied;
    private long _told;

    /// <summary>Creates an empty cache.</summary>
    /// <param name="horizon">The number of changes, up to 32 MB of them, over which a watch can resume.</param>
    public ObjectCache(int horizon = 50_000) => (_rings, _events, _waits) = (new ChangeRings(horizon, RingBytes), new KubeEventStore(Math.Min(horizon, EventHorizon)), new RevisionWaits(_gate));

    /// <inheritdoc cref="IObjectCache.Registry"/>
    public ResourceRegistry Registry { get; } = new();

    /// <summary>The revision up to which the cache has applied the journal.</summary>
    public long Revision => Volatile.Read(ref _applied);

    /// <inheritdoc/>
    public long Told => Volatile.Read(ref _told);

    /// <summary>Loads the objects as of a revision. Call it before <see cref="StartAsync"/>. Watches cannot resume from an earlier revision.</summary>
    public void Restore(long revision, IEnumerable<KubeObject> objects)
    {
        foreach (var page in objects.Chunk(1000))
        {
            lock (_gate)
            {
                var draft = new CacheDraft(_kinds, _index, Snapshot);
                foreach (var item in page)
                {
                    Put(draft, [], item.Kind, null, item, item.Revision);
                }

                draft.Publish(revision);
            }
        }

        lock (_gate)
        {
            _events.Publish();
            _rings.Begin(revision);
            _events.Ring.Begin(revision);
            Volatile.Write(ref _applied, revision);
            Volatile.Write(ref _told, revision);
        }
    }

    /// <summary>Loads what <see cref="Capture"/> returned. Call it before <see cref="StartAsync"/>. Watches cannot resume from an earlier revision.</summary>
    internal void Restore(CacheState state)
    {
        foreach (var unreadable in state.Unreadable)
        {
            _unreadable[unreadable.PersistenceId] = unreadable;
        }

        _events.Restore(state.RecordedEvents);
        Restore(state.Revision, state.Objects.SelectMany(o => o.Objects));
    }

    /// <summary>Returns everything that the cache holds, at one revision. Takes no copy of the objects.</summary>
    internal CacheState Capture()
    {
        lock (_gate)
        {
            return new CacheState(_applied,
                [
                    .. _kinds.Where(k => k.Value.Objects.Count > 0).OrderBy(k => Registry.ByResource(k.Key)?.Defines is null)
                        .Select(k => new ResourceObjects(k.Key, k.Value.Objects.Count, k.Value.Objects)),
                    Posted(),
                ],
                _events.Recorded(), [.. _unreadable.Values]);
        }
    }

    private ResourceObjects Posted()
    {
        var posted = _events.Posted();
        return new ResourceObjects(EventDefinition.Instance.Resource, posted.Count, posted);
    }

    /// <summary>Makes consistent snapshots ask the journal for its current revision first. Needed when other hosts write to the journal too.</summary>
    public void ReadCurrentRevisionFrom(Func<Task<long>> journal) => _currentRevision = new CurrentRevisionReader(journal);

    /// <summary>Applies the events that the journal holds already, then those that <see cref="Publish"/> brings.</summary>
    public async Task StartAsync(IAsyncEnumerable<Committed> past, CancellationToken cancellation)
    {
        var batch = new List<Committed>(1000);
        await foreach (var committed in past.WithCancellation(cancellation).ConfigureAwait(false))
        {
            batch.Add(committed);
            if (batch.Count == 1000)
            {
                Fold(batch);
                batch.Clear();
            }
        }

        Fold(batch);
        _loop = Task.Run(DrainAsync, CancellationToken.None);
    }

    /// <inheritdoc/>
    public void Publish(IReadOnlyList<Committed> batch)
    {
        if (batch.Count == 0)
        {
            return;
        }

        Volatile.Write(ref _head, batch[^1].Event.Revision);
        _queue.Writer.TryWrite(batch);
    }

    /// <inheritdoc/>
    public KindSnapshot Snapshot(ResourceDefinition kind)
    {
        if (kind == EventDefinition.Instance)
        {
            lock (_gate)
            {
                return new KindSnapshot(Revision, _events.Snapshot());
            }
        }

        // In this order: objects may be newer than the revision that they are given with, never older.
        var revision = Revision;
        var found = _kinds.GetValueOrDefault(kind.Resource);
        return found is null
            ? new KindSnapshot(revision, ObjectMap.Empty)
            : found with { Revision = Math.Max(found.Revision, revision) };
    }

    /// <inheritdoc/>
    public async Task<KindSnapshot> SnapshotAsync(ResourceDefinition kind, CancellationToken cancellation)
    {
        var head = _currentRevision is null ? Volatile.Read(ref _head) : await _currentRevision.ReadAsync().WaitAsync(FeedBound, cancellation).ConfigureAwait(false);
        await ReachedAsync(head, cancellation).WaitAsync(FeedBound, cancellation).ConfigureAwait(false);
        lock (_gate)
        {
            return Snapshot(kind);
        }
    }

    /// <inheritdoc/>
    public KindSnapshot? SnapshotAt(ResourceDefinition kind, long revision)
    {
        ObjectMap objects;
        ObjectChange[] since;
        lock (_gate)
        {
            var ring = RingOf(kind);
            if (revision < ring.Floor || revision > _applied)
            {
                return null;
            }

            (objects, since) = (Snapshot(kind).Objects, [.. ring.After(revision)]);
        }

        var undone = objects.ToBuilder();
        foreach (var change in since.Reverse())
        {
            if (change.Previous is { } previous)
            {
                undone.Put(previous);
            }
            else
            {
                undone.Remove(change.Object);
            }
        }

        return new KindSnapshot(revision, undone.ToMap());
    }

    /// <inheritdoc/>
    public Task ReachedAsync(long revision, CancellationToken cancellation)
    {
        lock (_gate)
        {
            if (_applied >= revision)
            {
                return Task.CompletedTask;
            }

            if (_fault is { } fault)
            {
                return Task.FromException(fault);
            }

            return _waits.AddAsync(revision, cancellation);
        }
    }

    /// <inheritdoc/>
    public ChangeSubscription? Watch(ResourceDefinition kind, long afterRevision)
    {
        lock (_gate)
        {
            var ring = RingOf(kind);
            if (afterRevision < ring.Floor)
            {
                return null;
            }

            var watcher = new Watcher(kind.Resource);
            watcher.Offer([.. ring.After(afterRevision)]);
            _watchers.Add(watcher);
            return new ChangeSubscription(watcher.Reader, () => Remove(watcher));
        }
    }

    /// <summary>Calls back after each batch, on the cache's thread: the callback must only enqueue. Begins with the first batch after this call;
    /// dispose the result to stop.</summary>
    public IDisposable Listen(Action<FeedBatch> listener)
    {
        lock (_gate)
        {
            _listeners.Add(listener);
        }

        return new Listening(this, listener);
    }

    /// <summary>Gets an object of any kind by its key; null if there is none.</summary>
    public KubeObject? Find(ObjectKey key) => Registry.ByResource(key.Resource) is { } kind ? Snapshot(kind).Find(key.Namespace, key.Name) : null;

    /// <summary>The error that stopped the cache; null while it runs. Only a bug of this program stops it, and only a restart of the host starts it again.</summary>
    public Exception? Fault => Volatile.Read(ref _fault);

    /// <summary>Sets the callback for problems that an operator must know of. It is called on the cache's thread.</summary>
    public void OnTrouble(Action<string, Exception> report) => _trouble = report;

    /// <summary>Objects with an event that this program cannot apply. They are shown as they were before it.</summary>
    public IReadOnlyCollection<UnreadableEvent> Unreadable
    {
        get
        {
            lock (_gate)
            {
                return [.. _unreadable.Values];
            }
        }
    }

    /// <inheritdoc/>
    public IEnumerable<KubeObject> All(ResourceDefinition kind) => Snapshot(kind).Objects;

    /// <inheritdoc/>
    public IEnumerable<KubeObject> All(ResourceDefinition kind, string ns) => Snapshot(kind).Objects.In(ns);

    /// <inheritdoc/>
    public CacheFigures Figures()
    {
        lock (_gate)
        {
            return new CacheFigures(_applied, Math.Max(0, Volatile.Read(ref _head) - _applied), _rings.Count, _events.Ring.Count,
                _watchers.All.Count(), _watchers.All.Count(w => w.IsLagging), _unreadable.Count);
        }
    }

    /// <inheritdoc/>
    public IReadOnlyCollection<KubeObject> Indexed(IndexKey key) => _index.Find(key);

    /// <inheritdoc/>
    public KubeObject? ByUid(string uid) => _index.ByUid(uid);

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        _queue.Writer.TryComplete();
        await _loop.ConfigureAwait(false);
    }

    private ChangeRing RingOf(ResourceDefinition kind) => kind == EventDefinition.Instance ? _events.Ring : _rings.Of(kind.Resource);

    private async Task DrainAsync()
    {
        try
        {
            await foreach (var batch in _queue.Reader.ReadAllAsync().ConfigureAwait(false))
            {
                Fold(batch);
            }
        }
        catch (Exception e)
        {
            // Half a batch may be applied, and going on would show a state that never existed. Readiness fails, and everyone who waits gets the error.
            Stop(e);
            _trouble($"The cache stopped at revision {Revision}", e);
        }
    }

    private void Stop(Exception fault)
    {
        lock (_gate)
        {
            Volatile.Write(ref _fault, fault);
            _waits.Fail(fault);
            foreach (var watcher in _watchers.All)
            {
                watcher.End(fault);
            }
        }
    }

    /// <summary>Applies a batch at once, on the caller's thread. Not to be mixed with <see cref="Publish"/>.</summary>
    internal void Fold(IReadOnlyList<Committed> batch)
    {
        var changes = new List<ObjectChange>(batch.Count);
        List<(ImmutableArray<Watcher> Watchers, IReadOnlyList<ObjectChange> Changes)> told;
        long applied;
        lock (_gate)
        {
            var draft = new CacheDraft(_kinds, _index, Snapshot);
            applied = _applied;
            foreach (var committed in batch)
            {
                // At start, the events read from the journal and the first published batch can overlap.
                if (committed.Event.Revision <= applied)
                {
                    continue;
                }

                // Events of a kind that this program does not serve advance the feed like any other.
                applied = committed.Event.Revision;
                if (ObjectKey.Parse(committed.PersistenceId) is not { } key || Registry.ByResource(key.Resource) is not { } kind)
                {
                    continue;
                }

                var before = kind == EventDefinition.Instance ? _events.Find(key.Namespace, key.Name) : draft.Objects(kind).Find(key.Namespace, key.Name);
                if (!TryApply(kind, before, committed, out var after))
                {
                    continue;
                }

                Put(draft, changes, kind, before, after, committed.Event.Revision);
                _events.Take(after ?? before, committed.Event);
            }

            draft.Publish(applied);
            Volatile.Write(ref _applied, applied);
            told = Tell(changes);
        }

        // Readers and new watches do not wait while the open ones are told. A watch that begins meanwhile is not among them: it has this batch from the ring.
        foreach (var (watchers, ofKind) in told)
        {
            foreach (var watcher in watchers)
            {
                watcher.Offer(ofKind);
            }
        }

        Volatile.Write(ref _told, applied);
    }

    // An event that cannot be applied stops the updates of its own object only.
    private bool TryApply(ResourceDefinition kind, KubeObject? before, Committed committed, out KubeObject? after)
    {
        after = null;
        if (_unreadable.ContainsKey(committed.PersistenceId))
        {
            return false;
        }

        try
        {
            after = ObjectState.Apply(kind, before, committed.Event);
            return true;
        }
        catch (Exception e) when (ObjectState.IsUnreadable(e))
        {
            _unreadable[committed.PersistenceId] = new UnreadableEvent(committed.PersistenceId, committed.Event.Revision, e.Message);
            _trouble($"{committed.PersistenceId} is shown as it was before revision {committed.Event.Revision}", e);
            _events.Take(before, committed.Event with
            {
                RecordedEvents = [new RecordedEvent("Warning", "HistoryUnreadable", $"Event {committed.Event.Manifest} cannot be applied: {e.Message}", "object-cache")],
            });
            return false;
        }
    }

    private void Put(CacheDraft draft, List<ObjectChange> changes, ResourceDefinition kind, KubeObject? before, KubeObject? after, long revision)
    {
        if (before is null && after is null)
        {
            return;
        }

        var change = after is null
            ? new ObjectChange("DELETED", before!.At(revision), before, revision)
            : new ObjectChange(before is null ? "ADDED" : "MODIFIED", after, before, revision);
        changes.Add(change);
        if (kind == EventDefinition.Instance)
        {
            _events.Take(change);
        }
        else if (after is null)
        {
            draft.Objects(kind).Remove(before!);
        }
        else
        {
            draft.Objects(kind).Put(after);
        }

        if (kind.Defines is not null)
        {
            Registry.Take(before, after);
        }

        draft.Reindex(before, after);
        before?.ForgetTyped();
    }

    // Returns whom the changes of each kind concern. All watchers of a kind share one list.
    private List<(ImmutableArray<Watcher> Watchers, IReadOnlyList<ObjectChange> Changes)> Tell(List<ObjectChange> changes)
    {
        var eventChanges = _events.Publish();

        var told = new List<(ImmutableArray<Watcher>, IReadOnlyList<ObjectChange>)> { (_watchers.Of(EventDefinition.Instance.Resource), eventChanges) };
        foreach (var ofKind in changes.Where(c => c.Object.Kind != EventDefinition.Instance).GroupBy(c => c.Object.Kind.Resource))
        {
            ObjectChange[] list = [.. ofKind];
            _rings.Add(ofKind.Key, list);
            told.Add((_watchers.Of(ofKind.Key), list));
        }

        if (changes.Count > 0)
        {
            var batch = new FeedBatch(_applied, changes);
            foreach (var listener in _listeners)
            {
                listener(batch);
            }
        }

        _waits.Reached(_applied);
        return told;
    }

    private void Remove(Watcher watcher)
    {
        lock (_gate)
        {
            _watchers.Remove(watcher);
        }
    }

    private sealed class Listening(ObjectCache cache, Action<FeedBatch> listener) : IDisposable
    {
        public void Dispose()
        {
            lock (cache._gate)
            {
                cache._listeners.Remove(listener);
            }
        }
    }
}
