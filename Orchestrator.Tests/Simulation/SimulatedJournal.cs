using System.Collections.Immutable;
using Orchestrator.Actors.Api;
using Orchestrator.Actors.Journal;
using Orchestrator.Actors.Resources;

namespace Orchestrator.Tests.Simulation;

/// <summary>The journal in memory, and the objects that it comes to.</summary>
internal sealed class SimulatedJournal(World world)
{
    private static readonly ResourceRegistry Registry = new();
    private readonly List<(Committed Item, byte[] Payload)> _rows = [];
    private readonly Dictionary<string, List<int>> _byId = [];
    private readonly Dictionary<string, List<long>> _byKind = [];
    private readonly SortedDictionary<string, KubeObject> _objects = new(StringComparer.Ordinal);

    /// <summary>Revision of the last event.</summary>
    public long Revision => _rows.Count;

    /// <summary>When the last event was stored.</summary>
    public TimeSpan LastAt { get; private set; }

    /// <summary>The current objects by persistence id, in order.</summary>
    public IReadOnlyDictionary<string, KubeObject> Objects => _objects;

    /// <summary>The objects of a kind, in order.</summary>
    public IEnumerable<KubeObject> Of(ResourceDefinition kind) => _objects.Values.Where(o => o.Kind == kind);

    /// <summary>An object; null if it does not exist.</summary>
    public KubeObject? Find(ObjectKey key) => _objects.GetValueOrDefault(key.PersistenceId);

    /// <summary>The event at a revision.</summary>
    public Committed At(long revision) => _rows[(int)revision - 1].Item;

    /// <summary>The events after a revision.</summary>
    public IReadOnlyList<Committed> After(long revision, int most = int.MaxValue) => [.. _rows.Skip((int)revision).Take(most).Select(r => r.Item)];

    /// <summary>The revisions of the events of a kind, in order.</summary>
    public IReadOnlyList<long> RevisionsOf(string resource) => _byKind.GetValueOrDefault(resource, []);

    /// <summary>The revisions of the events of an object, in order.</summary>
    public IEnumerable<long> RevisionsOf(ObjectKey key) => _byId.GetValueOrDefault(key.PersistenceId, []).Select(i => i + 1L);

    /// <summary>The history of an object, read from its stored form.</summary>
    public IEnumerable<ObjectEvent> Replay(string persistenceId)
    {
        foreach (var i in _byId.GetValueOrDefault(persistenceId, []))
        {
            var (item, payload) = _rows[i];
            yield return ObjectEventCodec.Decode(item.Event.Manifest, payload, item.Event.Revision);
        }
    }

    /// <summary>Stores the events of one command together, after a while.</summary>
    /// <param name="envelope">The command.</param>
    /// <param name="sequenceNr">The sequence number of the first event. It must be the next one of its object.</param>
    /// <param name="events">The events.</param>
    /// <param name="done">Gets null if they are stored, else what the entity gets.</param>
    public void Store(Envelope envelope, long sequenceNr, ImmutableArray<ObjectEvent> events, Action<Exception?> done)
    {
        var random = world.Random;
        world.Time.After(TimeSpan.FromMilliseconds(0.5 + (random.NextDouble() * 4)), () =>
        {
            var id = envelope.Command.Key.PersistenceId;
            var isFault = random.NextDouble() < world.Faults.Refused;
            var isUnknown = isFault && random.Next(2) == 0;
            var isStored = !isFault || (isUnknown && random.Next(2) == 0);
            if (_byId.GetValueOrDefault(id, []).Count + 1 != sequenceNr)
            {
                // An earlier life of the entity was faster: the row exists already.
                (isStored, isFault, isUnknown) = (false, true, false);
            }

            if (isStored)
            {
                Append(id, sequenceNr, events, envelope);
            }

            world.Trace.Note($"{(isStored ? "stored" : "refused")} {envelope.Command.GetType().Name} {id} {events[^1].Verb} by {envelope.Command.By.Name}{(isUnknown ? ", nobody knows" : "")} {Revision}");
            var fault = !isFault ? null : isUnknown ? (Exception)new JournalOutcomeUnknownException(new IOException()) : new JournalUnavailableException("");
            if (isStored)
            {
                world.Parts.AfterEvent(world, envelope.Command.Key);
                world.TellHosts();
            }

            world.Time.After(TimeSpan.FromMilliseconds(random.NextDouble()), () => done(fault));
        });
    }

    private void Append(string id, long sequenceNr, ImmutableArray<ObjectEvent> events, Envelope envelope)
    {
        foreach (var e in events)
        {
            var key = envelope.Command.Key;
            var kind = Registry.ByResource(key.Resource)!;
            var payload = ObjectEventCodec.Encode(e);
            e.Revision = _rows.Count + 1;
            (_byId.TryGetValue(id, out var rows) ? rows : _byId[id] = []).Add(_rows.Count);
            (_byKind.TryGetValue(key.Resource, out var revisions) ? revisions : _byKind[key.Resource] = []).Add(e.Revision);
            _rows.Add((new Committed(id, sequenceNr++, e), payload));
            LastAt = world.Time.Now;
            var before = _objects.GetValueOrDefault(id);
            var after = ObjectState.Apply(kind, before, e);
            if (after is null)
            {
                _objects.Remove(id);
            }
            else
            {
                _objects[id] = after;
            }

            world.Invariants.Stored(new StoredEvent(key, e, before, after, envelope));
        }
    }
}

/// <summary>An event that was stored.</summary>
/// <param name="Key">Its object.</param>
/// <param name="Event">The event.</param>
/// <param name="Before">The object before it; null if there was none.</param>
/// <param name="After">The object after it; null if it is gone.</param>
/// <param name="Envelope">The command that led to it.</param>
internal sealed record StoredEvent(ObjectKey Key, ObjectEvent Event, KubeObject? Before, KubeObject? After, Envelope Envelope);
