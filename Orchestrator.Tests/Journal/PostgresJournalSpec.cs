using CsCheck;
using Orchestrator.Actors.Journal;
using Orchestrator.Tests.Kit;

namespace Orchestrator.Tests.Journal;

public sealed class PostgresJournalSpec() : JournalContract(PostgresServer.Database())
{
    [Fact]
    public async Task Every_host_sees_the_commits_of_all_in_one_order()
    {
        const int hosts = 3, each = 300;
        var sinks = Enumerable.Range(0, hosts).Select(_ => new RecordingSink()).ToArray();
        var tables = sinks.Select(_ => new JournalTable(Journal)).ToArray();
        var writers = sinks.Select((s, i) => new JournalWriter(tables[i], s)).ToArray();

        await Task.WhenAll(writers.SelectMany((w, host) => Enumerable.Range(1, each).Select(n => w.AppendAsync(Entries($"pods/h{host}/p{n}", 1, 1 + n % 3))))).WaitAsync(Bound);

        var head = Table.Head();
        await Task.WhenAll(sinks.Select(s => s.ReachedAsync(head)));
        var expected = Table.ReadAfter(0, 100_000).Select(c => (c.Event.Revision, c.PersistenceId, c.SequenceNr)).ToArray();
        Assert.Equal(hosts * Enumerable.Range(1, each).Sum(n => 1 + n % 3), expected.Length);
        foreach (var sink in sinks)
        {
            Assert.Equal(expected, sink.Items.Select(c => (c.Event.Revision, c.PersistenceId, c.SequenceNr)));
        }

        foreach (var writer in writers)
        {
            await writer.DisposeAsync();
        }
    }

    [Fact]
    public async Task A_host_that_writes_nothing_hears_of_the_commits_of_another()
    {
        var quiet = new RecordingSink();
        await using var listener = new JournalWriter(Table, quiet);
        await using var writer = new JournalWriter(Table, new RecordingSink());
        await writer.AppendAsync(Entries("pods/default/a", 1, 2));
        await quiet.ReachedAsync(Table.Head());
        Assert.Equal(2, quiet.Items.Length);
    }

    [Fact]
    public async Task A_row_that_the_database_refuses_does_not_harm_the_rest_of_its_batch()
    {
        await using var writer = new JournalWriter(Table, new RecordingSink());
        await writer.AppendAsync(Entries("pods/default/a", 1, 1));
        await Gen.Int[2, 20].SampleAsync(async n =>
        {
            var free = Table.HighestSequenceNr("pods/default/b") + 1;
            var good = Enumerable.Range(0, n).Select(i => writer.AppendAsync(Entries("pods/default/b", free + i, 1))).ToArray();
            var bad = writer.AppendAsync(Entries("pods/default/a", 1, 1));
            await Task.WhenAll(good).WaitAsync(Bound);
            await Assert.ThrowsAsync<Npgsql.PostgresException>(() => bad);
        }, iter: 10, threads: 1);
    }
}
