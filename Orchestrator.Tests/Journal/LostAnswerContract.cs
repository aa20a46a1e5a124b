using Orchestrator.Actors.Api;
using Orchestrator.Actors.Journal;

namespace Orchestrator.Tests.Journal;

/// <summary>What a write is told whose connection broke.</summary>
public abstract class LostAnswerContract(string journal)
{
    private const string Id = "pods/default/a";
    private static readonly TimeSpan Bound = TimeSpan.FromSeconds(30);

    [Theory]
    [InlineData(Break.BeforeOpening, 1)]
    [InlineData(Break.BeforeCommit, 1)]
    [InlineData(Break.BeforeCommit, 3)]
    [InlineData(Break.AfterCommit, 1)]
    public async Task It_is_acknowledged_once_and_stored_once(Break where, int times)
    {
        var sink = new RecordingSink();
        using var table = Table(where, times, awayFor: 1);
        await using var writer = new JournalWriter(table, sink);
        var writes = Enumerable.Range(0, 5).Select(n => JournalContract.Entries($"{Id}{n}", 1, 2)).ToList();
        await Task.WhenAll(writes.Select(writer.AppendAsync)).WaitAsync(Bound);
        await writer.AppendAsync(JournalContract.Entries(Id, 1, 1)).WaitAsync(Bound);

        var stored = table.ReadAfter(0, 100);
        Assert.Equal(11, stored.Count);
        Assert.Equal(stored.Select(c => (c.Event.Revision, c.PersistenceId, c.SequenceNr)), sink.Items.Select(c => (c.Event.Revision, c.PersistenceId, c.SequenceNr)));
        Assert.Equal(stored.Take(10).Select(c => c.Event.Revision).Order(), writes.SelectMany(w => w).Select(e => e.Item.Event.Revision).Order());
    }

    [Fact]
    public async Task Another_writers_row_is_not_taken_for_its_own()
    {
        using var table = Table(Break.BeforeCommit, 1, 0);
        await using var other = new JournalWriter(new JournalTable(journal), null);
        await other.AppendAsync([Entry("pod.created.1", "other")]);
        await using var writer = new JournalWriter(table, null);
        var write = writer.AppendAsync([Entry("pod.created.1", "mine")]);
        var error = await Assert.ThrowsAnyAsync<System.Data.Common.DbException>(() => write.WaitAsync(Bound));
        Assert.Equal(ApiReason.ServiceUnavailable, JournalFault.ToError(error).Reason);
        Assert.Equal("other", Assert.Single(table.ReadObject(Id)).Event.By.Name);
    }

    [Fact]
    public async Task While_the_database_stays_away_it_is_told_that_nothing_was_stored()
    {
        using var table = Table(Break.BeforeOpening, 1_000, 0);
        await using var writer = new JournalWriter(table, null) { RetryTimeout = TimeSpan.FromMilliseconds(500) };
        var error = await Assert.ThrowsAsync<JournalUnavailableException>(() => writer.AppendAsync([Entry("pod.created.1", "x")]).WaitAsync(Bound));
        Assert.Contains("nothing was stored", JournalFault.ToError(error).Message, StringComparison.Ordinal);
        Assert.Empty(table.ReadAfter(0, 10));
    }

    [Fact]
    public async Task When_nobody_can_say_it_is_told_so_and_the_next_write_brings_both_to_the_feed()
    {
        var sink = new RecordingSink();
        using var table = Table(Break.AfterCommit, 1, awayFor: 4);
        await using var writer = new JournalWriter(table, sink) { RetryTimeout = TimeSpan.FromMilliseconds(300) };
        var error = await Assert.ThrowsAsync<JournalOutcomeUnknownException>(() => writer.AppendAsync([Entry("pod.created.1", "x")]).WaitAsync(Bound));
        Assert.Equal(ApiReason.Timeout, JournalFault.ToError(error).Reason);
        Assert.Equal(1, table.HighestSequenceNr(Id));

        for (var written = false; !written;)
        {
            try
            {
                await writer.AppendAsync(JournalContract.Entries("pods/default/b", 1, 1)).WaitAsync(Bound);
                written = true;
            }
            catch (JournalUnavailableException)
            {
                // Still away; each try brings it nearer.
            }
        }

        Assert.Equal([Id, "pods/default/b"], sink.Items.Select(c => c.PersistenceId));
    }

    private static JournalEntry Entry(string manifest, string by) => JournalEntry.Of(new Committed(Id, 1, new ObjectEvent(manifest, DateTimeOffset.UnixEpoch, by, 0, [])));

    private JournalTable Table(Break where, int times, int awayFor) => new(new LossyDialect(JournalTarget.Parse(journal).Dialect(), where, times, awayFor));
}

public sealed class SqliteLostAnswerSpec : LostAnswerContract, IDisposable
{
    private readonly Kit.TempFolder _folder;

    public SqliteLostAnswerSpec() : this(new Kit.TempFolder())
    {
    }

    private SqliteLostAnswerSpec(Kit.TempFolder folder) : base(folder.File("journal.db")) => _folder = folder;

    public void Dispose() => _folder.Dispose();
}

public sealed class PostgresLostAnswerSpec() : LostAnswerContract(Kit.PostgresServer.Database());
