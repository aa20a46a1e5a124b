using System.Data.Common;
using System.Text.Json.Nodes;
using Akka.Actor;
using Akka.Persistence;
using Akka.TestKit.Xunit2;
using CsCheck;
using Orchestrator.Actors.Journal;
using Orchestrator.Actors.Resources;

namespace Orchestrator.Tests.Journal;

/// <summary>What the journal and the snapshot store promise, on any database: the plugin protocol through an actor system, and the writer beneath it.</summary>
public abstract class JournalContract : TestKit
{
    protected static readonly TimeSpan Bound = TimeSpan.FromSeconds(30);
    private const string Id = "pods/default/a";
    private readonly RecordingSink _sink;

    protected JournalContract(string journal) : this(journal, new RecordingSink())
    {
    }

    private JournalContract(string journal, RecordingSink sink)
        : base(BootstrapSetup.Create().WithConfig(JournalHocon.For(journal)).And(new RevisionJournalSetup(sink)), "journal")
    {
        Journal = journal;
        _sink = sink;
        Table = JournalAccess.Of(Sys).Table;
    }

    protected string Journal { get; }

    protected JournalTable Table { get; }

    private IActorRef Plugin => Persistence.Instance.Apply(Sys).JournalFor("");

    private IActorRef Store => Persistence.Instance.Apply(Sys).SnapshotStoreFor("");

    [Fact]
    public async Task An_actor_recovers_what_it_stored_with_the_revisions_it_was_given()
    {
        var actor = Sys.ActorOf(RecordingActor.Props(Id));
        var first = await actor.Ask<long>(Event("pod.created.1"), Bound);
        var all = await actor.Ask<long[]>((IReadOnlyList<ObjectEvent>)[Event("pod.scheduled.1"), Event("pod.deleted.1")], Bound);
        Assert.Equal([first, first + 1, first + 2], all);
        Assert.Equal(all, _sink.Revisions);

        await actor.GracefulStop(Bound);
        var again = await Sys.ActorOf(RecordingActor.Props(Id)).Ask<ObjectEvent[]>("events", Bound);
        Assert.Equal(all, again.Select(e => e.Revision));
        Assert.Equal(["pod.created.1", "pod.scheduled.1", "pod.deleted.1"], again.Select(e => e.Manifest));
        Assert.Equal("x", again[0].Delta!["metadata"]!["name"]!.GetValue<string>());
        Assert.Equal(all, Table.ReadAfter(0, 10).Select(c => c.Event.Revision));
    }

    [Theory]
    [InlineData(1, long.MaxValue, long.MaxValue, 1, 5)]
    [InlineData(3, long.MaxValue, long.MaxValue, 3, 5)]
    [InlineData(1, 3, long.MaxValue, 1, 3)]
    [InlineData(1, long.MaxValue, 3, 1, 3)]
    [InlineData(1, 3, 2, 1, 2)]
    [InlineData(2, 2, long.MaxValue, 2, 2)]
    [InlineData(2, 3, 1, 2, 2)]
    [InlineData(2, 3, 0, 1, 0)]
    [InlineData(3, 2, long.MaxValue, 1, 0)]
    [InlineData(6, long.MaxValue, long.MaxValue, 1, 0)]
    public void Replay_keeps_to_its_range(long from, long to, long max, long first, long last)
    {
        Write(1, 5);
        var (replayed, highest) = Replay(from, to, max);
        Assert.Equal(Numbers(first, last), replayed);
        Assert.Equal(5, highest);
    }

    [Theory]
    [InlineData(3, 4, 5)]
    [InlineData(5, 1, 0)]
    [InlineData(long.MaxValue, 1, 0)]
    [InlineData(1, 2, 5)]
    public void Deleted_events_are_not_replayed_and_the_count_goes_on(long to, long first, long last)
    {
        Write(1, 5);
        Delete(to);
        var (replayed, highest) = Replay(1, long.MaxValue, long.MaxValue);
        Assert.Equal(Numbers(first, last), replayed);
        Assert.Equal(5, highest);

        Write(6, 6);
        Assert.Equal(6, Replay(6, long.MaxValue, long.MaxValue).Replayed.Single());
        Delete(long.MaxValue);
        Assert.Equal(6, Replay(1, long.MaxValue, long.MaxValue).Highest);
        Assert.Empty(Table.ReadAfter(0, 10));
        Assert.True(Table.Head() > 0);
    }

    [Fact]
    public void An_object_without_events_has_the_number_zero()
    {
        Assert.Equal(0, Replay(1, long.MaxValue, long.MaxValue).Highest);
        Delete(long.MaxValue);
    }

    [Fact]
    public void Other_objects_are_neither_replayed_nor_deleted()
    {
        Write(1, 3);
        Write(1, 2, "pods/default/ab");
        Delete(long.MaxValue);
        Assert.Equal([1, 2], Replay(1, long.MaxValue, long.MaxValue, "pods/default/ab").Replayed);
    }

    [Fact]
    public void An_atomic_write_with_a_payload_that_is_no_event_is_rejected_whole_and_the_others_are_stored()
    {
        Plugin.Tell(new WriteMessages(
        [
            Atomic(Id, (1, Event("pod.created.1"))),
            Atomic(Id, (2, Event("pod.updated.1")), (3, new object())),
            Atomic(Id, (4, Event("pod.updated.1"))),
        ], TestActor, 1));
        ExpectMsg<WriteMessagesSuccessful>(Bound);
        ExpectMsg<WriteMessageSuccess>(m => Assert.Equal(1, m.Persistent.SequenceNr), Bound);
        ExpectMsg<WriteMessageRejected>(m => Assert.Equal(2, m.Persistent.SequenceNr), Bound);
        ExpectMsg<WriteMessageRejected>(m => Assert.Equal(3, m.Persistent.SequenceNr), Bound);
        ExpectMsg<WriteMessageSuccess>(m => Assert.Equal(4, m.Persistent.SequenceNr), Bound);
        Assert.Equal([1, 4], Replay(1, long.MaxValue, long.MaxValue).Replayed);
    }

    [Fact]
    public void A_second_writer_of_an_object_fails_and_stores_nothing_of_its_batch()
    {
        Write(1, 2);
        Plugin.Tell(new WriteMessages([Atomic(Id, (2, Event("pod.updated.1")), (3, Event("pod.updated.1")))], TestActor, 2));
        ExpectMsg<WriteMessagesFailed>(Bound);
        ExpectMsg<WriteMessageFailure>(m => Assert.IsAssignableFrom<DbException>(m.Cause), Bound);
        ExpectMsg<WriteMessageFailure>(Bound);
        Assert.Equal([1, 2], Replay(1, long.MaxValue, long.MaxValue).Replayed);
        Assert.Equal(2, _sink.Items.Length);
    }

    [Fact]
    public async Task Many_objects_at_once_get_rising_revisions_that_equal_the_stored_order()
    {
        var writer = JournalAccess.Of(Sys).Writer;
        var items = Enumerable.Range(0, 400).Select(n => Entries($"pods/default/p{n}", 1, 1 + n % 4)).ToArray();
        await Parallel.ForEachAsync(items, async (entries, _) =>
        {
            await writer.AppendAsync(entries);
            // Published before it is acknowledged.
            Assert.True(_sink.Items[^1].Event.Revision >= entries[^1].Item.Event.Revision);
        }).WaitAsync(Bound);

        var stored = Table.ReadAfter(0, 10_000);
        Assert.Equal(items.Sum(i => i.Count), stored.Count);
        Assert.Equal(stored.Select(c => c.Event.Revision), _sink.Revisions);
        Assert.Equal(stored.Select(c => c.Event.Revision).Order().Distinct(), _sink.Revisions);
        var byPlace = stored.ToDictionary(c => (c.PersistenceId, c.SequenceNr), c => c.Event.Revision);
        Assert.All(items.SelectMany(i => i), e => Assert.Equal(byPlace[(e.Item.PersistenceId, e.Item.SequenceNr)], e.Item.Event.Revision));
    }

    [Fact]
    public async Task Of_writes_gathered_in_one_batch_only_the_one_at_fault_fails()
    {
        var writer = JournalAccess.Of(Sys).Writer;
        await Gen.Select(Gen.Int[0, 5].Array[1, 30], Gen.Int[1, 3].Array[30]).SampleAsync(async (objects, sizes) =>
        {
            var prefix = $"pods/n{Table.Head()}/";
            var stored = new HashSet<(string, long)>();
            // Every write starts at number 1: of each object exactly one is stored.
            var writes = objects.Select((o, i) => (Id: $"{prefix}{o}", Task: writer.AppendAsync(Entries($"{prefix}{o}", 1, sizes[i])), Size: sizes[i])).ToArray();
            foreach (var write in writes)
            {
                try
                {
                    await write.Task.WaitAsync(Bound);
                    for (var n = 1; n <= write.Size; n++)
                    {
                        Assert.True(stored.Add((write.Id, n)));
                    }
                }
                catch (DbException)
                {
                    Assert.Contains((write.Id, 1), stored);
                }
            }

            Assert.Equal(stored.Order(), Table.ReadAfter(0, 100_000).Where(c => c.PersistenceId.StartsWith(prefix, StringComparison.Ordinal))
                .Select(c => (c.PersistenceId, c.SequenceNr)).Order());
        }, iter: 20, threads: 1);
    }

    [Fact]
    public async Task Streaming_reads_what_a_list_reads()
    {
        var writer = JournalAccess.Of(Sys).Writer;
        await writer.AppendAsync(Entries(Id, 1, 4_500));
        using var replay = Table.OpenReplay();
        var streamed = new List<Committed>();
        await foreach (var item in replay.EventsAsync(CancellationToken.None))
        {
            streamed.Add(item);
        }

        Assert.Equal(Table.ReadAfter(0, 10_000).Select(c => (c.Event.Revision, c.SequenceNr, c.Event.Manifest)), streamed.Select(c => (c.Event.Revision, c.SequenceNr, c.Event.Manifest)));
    }

    [Fact]
    public async Task A_maintenance_job_that_fails_changes_nothing_and_harms_nobody()
    {
        var writer = JournalAccess.Of(Sys).Writer;
        Write(1, 2);
        await Assert.ThrowsAsync<InvalidOperationException>(() => writer.RunAsync((c, t) =>
        {
            JournalTable.DeleteTo(c, t, Id, 2);
            throw new InvalidOperationException("no");
        })).WaitAsync(Bound);
        Write(3, 3);
        Assert.Equal([1, 2, 3], Replay(1, long.MaxValue, long.MaxValue).Replayed);
    }

    [Fact]
    public void The_history_view_shows_who_did_what()
    {
        Write(1, 1);
        using var connection = Table.Open();
        using var command = connection.CreateCommand();
        command.CommandText = "SELECT object, event, by, change FROM object_history";
        using var reader = command.ExecuteReader();
        Assert.True(reader.Read());
        Assert.Equal(Id, reader.GetString(0));
        Assert.Equal("pod.updated.1", reader.GetString(1));
        Assert.Equal("test", reader.GetString(2));
        Assert.Equal("x", JsonNode.Parse(reader.GetString(3))!["metadata"]!["name"]!.GetValue<string>());
    }

    [Fact]
    public async Task The_history_view_leaves_out_the_values_of_secrets()
    {
        var delta = (JsonObject)JsonNode.Parse("""
            {"metadata":{"name":"s","annotations":{"kubectl.kubernetes.io/last-applied-configuration":"cGFzcw==","mine":"stays"}},"data":{"p":"cGFzcw=="},"stringData":{"q":"cGFzcw=="},"type":"Opaque"}
            """)!;
        var created = new ObjectEvent("secret.created.1", ConfigMapHistory.Begin, "test", 0, delta)
        {
            RecordedEvents = [new RecordedEvent("Normal", "Made", "A secret was made.", "spec")],
        };
        var deleted = new ObjectEvent("secret.deleted.1", ConfigMapHistory.Begin, "test", 0, null);
        await JournalAccess.Of(Sys).Writer.AppendAsync([JournalEntry.Of(new Committed("secrets/default/s", 1, created)), JournalEntry.Of(new Committed("secrets/default/s", 2, deleted))]).WaitAsync(Bound);
        using var connection = Table.Open();
        using var command = connection.CreateCommand();
        command.CommandText = "SELECT * FROM object_history WHERE object = 'secrets/default/s' ORDER BY revision";
        using var reader = command.ExecuteReader();
        Assert.True(reader.Read());
        var row = string.Join('\n', Enumerable.Range(0, reader.FieldCount).Select(i => reader.GetValue(i).ToString()));
        Assert.DoesNotContain("cGFzcw==", row, StringComparison.Ordinal);
        Assert.Contains("Opaque", row, StringComparison.Ordinal);
        Assert.Contains("stays", row, StringComparison.Ordinal);
        Assert.Contains("A secret was made.", row, StringComparison.Ordinal);
        Assert.True(reader.Read());
        Assert.True(reader.IsDBNull(reader.GetOrdinal("change")));
    }

    [Fact]
    public async Task An_entity_that_reads_while_its_events_are_compacted_fails_instead_of_missing_some()
    {
        var writer = JournalAccess.Of(Sys).Writer;
        const string id = "configmaps/default/m0";
        await ConfigMapHistory.WriteAsync(writer, new Random(3), 8, 1, snapshotEvery: 1_000);
        using var clock = new StepClock(ConfigMapHistory.At(1_000));
        await new JournalCompactor(Table, writer, new ResourceRegistry(), TimeSpan.FromHours(1), ObjectState.Apply, clock) { Grace = TimeSpan.Zero }.PassAsync(CancellationToken.None);

        // As an entity does that looked for a snapshot before there was one.
        Plugin.Tell(new ReplayMessages(1, long.MaxValue, long.MaxValue, id, TestActor));
        Assert.IsType<InvalidOperationException>(ExpectMsg<ReplayMessagesFailure>(Bound).Cause);

        // And now.
        Assert.Equal(8, Replay(8, long.MaxValue, long.MaxValue, id).Highest);

        // Gone altogether, with a snapshot of 20 in its hands.
        Plugin.Tell(new ReplayMessages(21, long.MaxValue, long.MaxValue, id, TestActor));
        Assert.IsType<InvalidOperationException>(ExpectMsg<ReplayMessagesFailure>(Bound).Cause);
    }

    [Theory]
    [InlineData(long.MaxValue, null, 5)]
    [InlineData(3, null, 3)]
    [InlineData(long.MaxValue, 4, 4)]
    [InlineData(3, 2, 2)]
    [InlineData(0, null, null)]
    public void Of_several_snapshots_the_newest_that_fits_is_loaded(long maxNr, int? until, int? expected)
    {
        var taken = SaveSnapshots();
        var loaded = Load(new SnapshotSelectionCriteria(maxNr, until is { } u ? taken[u - 1].Timestamp : DateTime.MaxValue));
        Assert.Equal(expected, (int?)loaded?.Metadata.SequenceNr);
        if (loaded is not null)
        {
            Assert.Equal(new ObjectSnapshot($"{{\"n\":{expected}}}", expected!.Value), loaded.Snapshot);
        }
    }

    [Fact]
    public void A_snapshot_and_ranges_of_snapshots_can_be_deleted()
    {
        var taken = SaveSnapshots();
        Store.Tell(new DeleteSnapshot(taken[4]), TestActor);
        ExpectMsg<DeleteSnapshotSuccess>(Bound);
        Assert.Equal(4, Load(SnapshotSelectionCriteria.Latest)!.Metadata.SequenceNr);
        Store.Tell(new DeleteSnapshots(Id, new SnapshotSelectionCriteria(3, DateTime.MaxValue)), TestActor);
        ExpectMsg<DeleteSnapshotsSuccess>(Bound);
        Assert.Null(Load(new SnapshotSelectionCriteria(3)));
        Assert.Equal(4, Load(SnapshotSelectionCriteria.Latest)!.Metadata.SequenceNr);
    }

    [Fact]
    public void A_snapshot_of_the_same_number_replaces_the_former()
    {
        SaveSnapshots();
        Save(5, "{\"again\":true}");
        Assert.Equal("{\"again\":true}", ((ObjectSnapshot)Load(SnapshotSelectionCriteria.Latest)!.Snapshot).Json);
    }

    protected static ObjectEvent Event(string manifest) => new(manifest, DateTimeOffset.UnixEpoch, "test", 0,
        new JsonObject { ["metadata"] = new JsonObject { ["name"] = "x" } });

    internal static List<JournalEntry> Entries(string id, long first, int count) =>
        [.. Enumerable.Range(0, count).Select(i => JournalEntry.Of(new Committed(id, first + i, Event("pod.updated.1"))))];

    private static long[] Numbers(long first, long last) => [.. Enumerable.Range((int)first, (int)Math.Max(0, last - first + 1)).Select(n => (long)n)];

    private AtomicWrite Atomic(string id, params (long Nr, object Payload)[] events) =>
        new([.. events.Select(e => (IPersistentRepresentation)new Persistent(e.Payload, e.Nr, id, "", false, TestActor, "w"))]);

    private void Write(int first, int last, string id = Id)
    {
        Plugin.Tell(new WriteMessages([.. Enumerable.Range(first, last - first + 1).Select(n => Atomic(id, (n, Event("pod.updated.1"))))], TestActor, 1));
        ExpectMsg<WriteMessagesSuccessful>(Bound);
        for (var n = first; n <= last; n++)
        {
            ExpectMsg<WriteMessageSuccess>(Bound);
        }
    }

    private void Delete(long to)
    {
        Plugin.Tell(new DeleteMessagesTo(Id, to, TestActor));
        ExpectMsg<DeleteMessagesSuccess>(Bound);
    }

    private (long[] Replayed, long Highest) Replay(long from, long to, long max, string id = Id)
    {
        Plugin.Tell(new ReplayMessages(from, to, max, id, TestActor));
        var replayed = new List<long>();
        while (true)
        {
            switch (ExpectMsg<IJournalResponse>(Bound))
            {
                case ReplayedMessage m:
                    replayed.Add(m.Persistent.SequenceNr);
                    break;
                case RecoverySuccess done:
                    return ([.. replayed], done.HighestSequenceNr);
                case var other:
                    throw new InvalidOperationException($"{other}");
            }
        }
    }

    private SnapshotMetadata[] SaveSnapshots() => [.. Enumerable.Range(1, 5).Select(n => Save(n, $"{{\"n\":{n}}}"))];

    private SnapshotMetadata Save(long number, string json)
    {
        Store.Tell(new SaveSnapshot(new SnapshotMetadata(Id, number, DateTime.UnixEpoch.AddMinutes(number)), new ObjectSnapshot(json, number)), TestActor);
        return ExpectMsg<SaveSnapshotSuccess>(Bound).Metadata;
    }

    private SelectedSnapshot? Load(SnapshotSelectionCriteria criteria)
    {
        Store.Tell(new LoadSnapshot(Id, criteria, long.MaxValue), TestActor);
        return ExpectMsg<LoadSnapshotResult>(Bound).Snapshot;
    }
}
