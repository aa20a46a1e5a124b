using System.Text.Json.Nodes;
using CsCheck;
using Orchestrator.Actors.Api;
using Orchestrator.Actors.Journal;
using Orchestrator.Actors.Resources;

namespace Orchestrator.Tests.Journal;

/// <summary>What compaction guarantees on either database.</summary>
public abstract class RetentionContract(string journal)
{
    private const int Objects = 12;
    private static readonly TimeSpan Keep = TimeSpan.FromHours(1);
    protected static readonly TimeSpan Bound = TimeSpan.FromSeconds(30);

    protected string Journal { get; } = journal;

    [Fact]
    public async Task Compacted_anywhere_and_interrupted_after_any_batch_all_objects_are_as_before()
    {
        await Gen.Select(Gen.Int[0, 1_000_000], Gen.Int[0, 330], Gen.Int[1, 40]).SampleAsync(async (seed, cut, batch) =>
        {
            using var table = new JournalTable(Journal);
            await ClearAsync(table);
            await using var filler = new JournalWriter(table, null);
            await ConfigMapHistory.WriteAsync(filler, new Random(seed), 300, Objects);
            var all = table.ReadAfter(0, 1_000);
            var cache = await ConfigMapHistory.RebuildAsync(table);
            var ids = Enumerable.Range(0, Objects).Select(n => $"configmaps/default/m{n}").ToList();
            var recovered = ids.ConvertAll(id => ConfigMapHistory.Recover(table, id));

            for (var readings = 1; ; readings += 2)
            {
                // Every turn is a host that ends after some batches; the next opens the journal as it finds it.
                using var again = new JournalTable(Journal);
                var isDone = await CompactAsync(again, batch, cut, readings);
                Assert.Equal(cache, await ConfigMapHistory.RebuildAsync(again), Same);
                Assert.Equal(recovered.Select(r => r.State), ids.Select(id => ConfigMapHistory.Recover(again, id).State));
                if (isDone)
                {
                    break;
                }
            }

            // What is old is gone, but for the last event of all; what is not is there, and so are the counts that anybody may go on from.
            var kept = table.ReadAfter(0, 1_000).Select(c => c.Event.Revision).ToHashSet();
            Assert.Equal(all.Where((c, i) => c.Event.At >= ConfigMapHistory.At(cut) || i == all.Count - 1).Select(c => c.Event.Revision), kept.Order());
            for (var i = 0; i < Objects; i++)
            {
                var nr = ConfigMapHistory.Recover(table, ids[i]).Nr;
                Assert.True(nr == recovered[i].Nr || (nr == 0 && recovered[i].State is null), $"{ids[i]} was at {recovered[i].Nr} and is at {nr}");
                Assert.Equal(nr + 1, await NextAsync(filler, table, ids[i], nr + 1));
            }
        }, iter: 8, threads: 1);
    }

    [Fact]
    public async Task Writes_go_on_between_the_batches()
    {
        using var table = new JournalTable(Journal);
        await using var writer = new JournalWriter(table, null);
        await ConfigMapHistory.WriteAsync(writer, new Random(1), 400, Objects);
        using var clock = new StepClock(ConfigMapHistory.At(400) + Keep);
        var compaction = new JournalCompactor(table, writer, new ResourceRegistry(), Keep, ObjectState.Apply, clock) { Batch = 10, Grace = TimeSpan.Zero }.PassAsync(CancellationToken.None);
        var marks = new HashSet<long>();
        var nr = 0L;
        while (!compaction.IsCompleted)
        {
            await writer.AppendAsync([JournalEntry.Of(new Committed("configmaps/default/fresh", ++nr, new ObjectEvent("configmap.updated.1", ConfigMapHistory.At(10_000), "test", 0, [])))])
                .WaitAsync(Bound);
            marks.Add(table.Retention().Compacted);
        }

        Assert.Equal(400, await compaction);
        Assert.True(marks.Count > 5, $"Writes were acknowledged at {marks.Count} places of the compaction.");
        Assert.Equal(nr, table.HighestSequenceNr("configmaps/default/fresh"));
    }

    [Fact]
    public async Task Events_of_a_kind_that_is_not_served_stay()
    {
        using var table = new JournalTable(Journal);
        await using var writer = new JournalWriter(table, null);
        await writer.AppendAsync(JournalContract.Entries("gadgets.example.io/default/a", 1, 3));
        await ConfigMapHistory.WriteAsync(writer, new Random(1), 20, 2);
        await CompactAsync(table, 5, 100, int.MaxValue);
        Assert.Equal([1, 2, 3], table.ReadObject("gadgets.example.io/default/a").Select(c => c.SequenceNr));
        Assert.Equal(4, table.ReadAfter(0, 100).Count);
    }

    [Fact]
    public async Task Objects_of_a_custom_kind_are_compacted_and_read_again_whatever_the_order_of_snapshots()
    {
        // In the order of ids the object comes before what defines its kind.
        const string id = "backups.g.example.com/default/nightly";
        var definition = (JsonObject)JsonNode.Parse("""
            {"metadata":{"name":"backups.g.example.com","uid":"u-1"},"spec":{"group":"g.example.com","scope":"Namespaced","names":{"plural":"backups","kind":"Backup"},
             "versions":[{"name":"v1","served":true,"storage":true,"schema":{"openAPIV3Schema":{"type":"object","x-kubernetes-preserve-unknown-fields":true}}}]},
             "status":{"conditions":[{"type":"Established","status":"True"}]}}
            """)!;
        var item = (JsonObject)JsonNode.Parse("""{"metadata":{"name":"nightly","namespace":"default","uid":"u-2"},"spec":{"keep":3}}""")!;
        using var table = new JournalTable(Journal);
        await using var writer = new JournalWriter(table, null);
        await writer.AppendAsync(
        [
            Old("customresourcedefinitions.apiextensions.k8s.io/backups.g.example.com", "customresourcedefinition.apiextensions.k8s.io.created.1", definition),
            Old(id, "backup.g.example.com.created.1", item),
        ]);
        await ConfigMapHistory.WriteAsync(writer, new Random(1), 5, 1);

        var registry = new ResourceRegistry();
        registry.Take(null, KubeObject.From(registry.ByResource("customresourcedefinitions.apiextensions.k8s.io")!, definition));
        using var clock = new StepClock(ConfigMapHistory.At(100) + Keep, int.MaxValue);
        await new JournalCompactor(table, writer, registry, Keep, ObjectState.Apply, clock) { Batch = 5, Grace = TimeSpan.Zero }.PassAsync(CancellationToken.None).WaitAsync(Bound);
        Assert.Empty(table.ReadObject(id));

        var fresh = new ResourceRegistry();
        using var replay = table.OpenReplay();
        var read = replay.Objects(fresh).Single(o => o.Name == "nightly");
        Assert.Equal(("Backup", 3), (read.Kind.Kind, (int)read.ToNode()["spec"]!["keep"]!));
        Assert.NotNull(fresh.ByPath("g.example.com", "v1", "backups"));

        // Deleted with its kind, compacted by a host that does not know the kind any more, and the kind defined again: it does not come back.
        await writer.AppendAsync([JournalEntry.Of(new Committed(id, 2, new ObjectEvent("backup.g.example.com.deleted.1", ConfigMapHistory.At(50), "test", 0, null)))]);
        await writer.AppendAsync([Old("configmaps/default/last", "configmap.created.1", (JsonObject)JsonNode.Parse("""{"metadata":{"name":"last","namespace":"default"}}""")!)]);
        await new JournalCompactor(table, writer, new ResourceRegistry(), Keep, ObjectState.Apply, clock) { Batch = 5, Grace = TimeSpan.Zero }.PassAsync(CancellationToken.None).WaitAsync(Bound);
        using var later = table.OpenReplay();
        Assert.DoesNotContain(later.Objects(registry), o => o.Name == "nightly");
    }

    [Fact]
    public async Task What_is_not_old_is_not_touched()
    {
        using var table = new JournalTable(Journal);
        await using var writer = new JournalWriter(table, null);
        await ConfigMapHistory.WriteAsync(writer, new Random(1), 50, 3);
        await CompactAsync(table, 10, 0, int.MaxValue);
        Assert.Equal(50, table.ReadAfter(0, 100).Count);
        Assert.Equal(new RetentionMark(0, 0, null), table.Retention());
    }

    [Fact]
    public async Task It_is_known_when_history_begins()
    {
        using var table = new JournalTable(Journal);
        await using var writer = new JournalWriter(table, null);
        await ConfigMapHistory.WriteAsync(writer, new Random(1), 50, 3);
        await CompactAsync(table, 10, 20, int.MaxValue);
        Assert.Equal(ConfigMapHistory.At(19), table.Retention().Since);
    }

    protected static async Task<bool> CompactAsync(JournalTable table, int batch, int cut, int readings)
    {
        await using var writer = new JournalWriter(table, null);
        using var clock = new StepClock(ConfigMapHistory.At(cut) + Keep, readings);
        try
        {
            await new JournalCompactor(table, writer, new ResourceRegistry(), Keep, ObjectState.Apply, clock) { Batch = batch, Grace = TimeSpan.Zero }.PassAsync(clock.Spent).WaitAsync(Bound);
            return true;
        }
        catch (OperationCanceledException)
        {
            return false;
        }
    }

    private static JournalEntry Old(string id, string manifest, JsonObject delta) =>
        JournalEntry.Of(new Committed(id, 1, new ObjectEvent(manifest, ConfigMapHistory.At(0), "test", 0, delta)));

    private static async Task<long> NextAsync(JournalWriter writer, JournalTable table, string id, long nr)
    {
        await writer.AppendAsync(JournalContract.Entries(id, nr, 1));
        return table.HighestSequenceNr(id);
    }

    private static bool Same((long Revision, Dictionary<string, string> Objects) a, (long Revision, Dictionary<string, string> Objects) b) =>
        a.Revision == b.Revision && a.Objects.Count == b.Objects.Count && a.Objects.All(o => b.Objects.GetValueOrDefault(o.Key) == o.Value);

    private static async Task ClearAsync(JournalTable table)
    {
        await using var writer = new JournalWriter(table, null);
        await writer.RunAsync((c, t) =>
        {
            foreach (var sql in (string[])["DELETE FROM journal", "DELETE FROM snapshot", "UPDATE retention SET folded = 0, trimmed = 0, since = 0"])
            {
                using var command = JournalTable.Command(c, sql);
                command.Transaction = t;
                command.ExecuteNonQuery();
            }
        });
    }
}

public sealed class SqliteRetentionSpec : RetentionContract, IDisposable
{
    private readonly Kit.TempFolder _folder;

    public SqliteRetentionSpec() : this(new Kit.TempFolder())
    {
    }

    private SqliteRetentionSpec(Kit.TempFolder folder) : base(folder.File("journal.db")) => _folder = folder;

    public void Dispose() => _folder.Dispose();

    // With SQLite no notice comes, as when a host is cut off.
    [Fact]
    public async Task A_host_that_missed_compacted_events_stores_nothing_more()
    {
        using var table = new JournalTable(Journal);
        await using var cut = new JournalWriter(table, new RecordingSink()) { RetryTimeout = TimeSpan.FromMilliseconds(100) };
        await using var other = new JournalWriter(table, null);
        await ConfigMapHistory.WriteAsync(other, new Random(1), 20, 2);
        await CompactAsync(table, 10, 100, int.MaxValue);
        Assert.True(table.Retention().Compacted > 0);

        // Its connection broke, so it reads on.
        await Assert.ThrowsAsync<InvalidOperationException>(() => cut.RunAsync((_, _) => throw new InvalidOperationException("broken")).WaitAsync(Bound));
        var error = await Assert.ThrowsAsync<JournalUnavailableException>(() => cut.AppendAsync(JournalContract.Entries("configmaps/default/x", 1, 1)).WaitAsync(Bound));
        Assert.Contains("Restart it", error.Message, StringComparison.Ordinal);
        Assert.Equal(0, table.HighestSequenceNr("configmaps/default/x"));
    }
}

public sealed class PostgresRetentionSpec() : RetentionContract(Kit.PostgresServer.Database())
{
    [Fact]
    public async Task Only_one_host_compacts()
    {
        using var table = new JournalTable(Journal);
        await using var writer = new JournalWriter(table, null);
        await ConfigMapHistory.WriteAsync(writer, new Random(1), 50, 3);
        using (var other = table.Open())
        {
            Assert.True(table.Dialect.TryHoldRetention(other));
            await CompactAsync(table, 10, 100, int.MaxValue);
            Assert.Equal(new RetentionMark(0, 0, null), table.Retention());
            table.Dialect.ReleaseRetention(other);
        }

        await CompactAsync(table, 10, 100, int.MaxValue);
        Assert.Single(table.ReadAfter(0, 100));
    }
}
