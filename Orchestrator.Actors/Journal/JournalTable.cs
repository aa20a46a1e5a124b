using System.Data.Common;
using System.Runtime.CompilerServices;
using System.Threading.Channels;

namespace Orchestrator.Actors.Journal;

/// <summary>The journal's tables by plain SQL, on SQLite and PostgreSQL: reads, and what is written beside events.</summary>
public sealed class JournalTable : IDisposable
{
    internal const string Columns = "ordering, persistence_id, sequence_number, manifest, message";
    private const int Page = 2_000;
    private readonly Lock _gate = new();
    private volatile bool _made;

    /// <summary>Opens nothing yet.</summary>
    /// <param name="journal">A SQLite path, a PostgreSQL URL or a connection string.</param>
    public JournalTable(string journal) => Dialect = JournalTarget.Parse(journal).Dialect();

    internal IJournalDialect Dialect { get; }

    /// <summary>The events of one object, in order.</summary>
    public IReadOnlyList<Committed> ReadObject(string persistenceId, long from = 0, long to = long.MaxValue, long max = long.MaxValue)
    {
        using var connection = Open();
        using var command = Command(connection, $"""
            SELECT {Columns} FROM journal WHERE persistence_id = @id AND sequence_number BETWEEN @from AND @to AND deleted = FALSE
            ORDER BY sequence_number LIMIT @max
            """, ("id", persistenceId), ("from", from), ("to", to), ("max", max));
        return Read(command);
    }

    /// <summary>Up to <paramref name="max"/> events of all objects after a revision, in journal order.</summary>
    public IReadOnlyList<Committed> ReadAfter(long revision, int max)
    {
        using var connection = Open();
        return Read(After(connection, revision, max));
    }

    /// <summary>The events of all objects after a revision, in journal order: read on one thread and decoded on others while the caller folds.</summary>
    public async IAsyncEnumerable<Committed> ReadAfterAsync(long revision, [EnumeratorCancellation] CancellationToken cancellation)
    {
        var pages = Channel.CreateBounded<Task<Committed[]>>(4);
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        var reading = Task.Run(() => ReadPagesAsync(revision, pages.Writer, stop.Token), CancellationToken.None);
        try
        {
            await foreach (var page in pages.Reader.ReadAllAsync(cancellation).ConfigureAwait(false))
            {
                foreach (var committed in await page.WaitAsync(cancellation).ConfigureAwait(false))
                {
                    yield return committed;
                }
            }
        }
        finally
        {
            await stop.CancelAsync().ConfigureAwait(false);
            await reading.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    /// <summary>The last committed revision; 0 when there is none.</summary>
    public long Head()
    {
        using var connection = Open();
        using var command = Command(connection, "SELECT COALESCE(MAX(ordering), 0) FROM journal");
        return (long)command.ExecuteScalar()!;
    }

    /// <summary>The last sequence number of an object; 0 when it has none.</summary>
    public long HighestSequenceNr(string persistenceId)
    {
        using var connection = Open();
        using var command = Command(connection, "SELECT COALESCE(MAX(sequence_number), 0) FROM journal WHERE persistence_id = @id", ("id", persistenceId));
        return (long)command.ExecuteScalar()!;
    }

    /// <summary>The newest snapshot of an object that fits; null when there is none.</summary>
    public StoredSnapshot? LoadSnapshot(string persistenceId, Akka.Persistence.SnapshotSelectionCriteria criteria)
    {
        using var connection = Open();
        return SnapshotRows.Load(connection, persistenceId, criteria);
    }

    /// <summary>Makes the tables if they are missing; else does nothing.</summary>
    public void Create() => Open().Dispose();

    /// <inheritdoc/>
    public void Dispose()
    {
        if (Dialect.Connect() is Microsoft.Data.Sqlite.SqliteConnection connection)
        {
            Microsoft.Data.Sqlite.SqliteConnection.ClearPool(connection);
            connection.Dispose();
        }
    }

    internal static Committed Decode(DbDataReader reader) => new(reader.GetString(1), reader.GetInt64(2),
        ObjectEventCodec.Decode(reader.GetString(3), reader.GetFieldValue<byte[]>(4), reader.GetInt64(0)));

    internal static DbCommand Command(DbConnection connection, string sql, params ReadOnlySpan<(string Name, object Value)> parameters)
    {
        var command = connection.CreateCommand();
        command.CommandText = sql;
        foreach (var (name, value) in parameters)
        {
            var parameter = command.CreateParameter();
            parameter.ParameterName = name;
            parameter.Value = value;
            command.Parameters.Add(parameter);
        }

        return command;
    }

    internal static List<Committed> ReadAfter(DbConnection connection, long revision, int max)
    {
        using var command = After(connection, revision, max);
        return Read(command);
    }

    /// <summary>Deletes the events of an object up to a sequence number. Its last row stays, marked: the count goes on from it.</summary>
    internal static void DeleteTo(DbConnection connection, DbTransaction transaction, string persistenceId, long to)
    {
        foreach (var sql in (ReadOnlySpan<string>)[
            "DELETE FROM journal WHERE persistence_id = @id AND sequence_number <= @to AND sequence_number < (SELECT MAX(sequence_number) FROM journal WHERE persistence_id = @id)",
            "UPDATE journal SET deleted = TRUE WHERE persistence_id = @id AND sequence_number <= @to"])
        {
            using var command = Command(connection, sql, ("id", persistenceId), ("to", to));
            command.Transaction = transaction;
            command.ExecuteNonQuery();
        }
    }

    internal DbConnection Open()
    {
        var connection = Dialect.Connect();
        try
        {
            connection.Open();
            if (!_made)
            {
                lock (_gate)
                {
                    if (!_made)
                    {
                        Dialect.CreateSchema(connection);
                        _made = true;
                    }
                }
            }

            return connection;
        }
        catch
        {
            connection.Dispose();
            throw;
        }
    }

    private static DbCommand After(DbConnection connection, long revision, int max) => Command(connection,
        $"SELECT {Columns} FROM journal WHERE ordering > @after AND deleted = FALSE ORDER BY ordering LIMIT @max", ("after", revision), ("max", (long)max));

    private static List<Committed> Read(DbCommand command)
    {
        var events = new List<Committed>();
        using var reader = command.ExecuteReader();
        while (reader.Read())
        {
            events.Add(Decode(reader));
        }

        return events;
    }

    private async Task ReadPagesAsync(long revision, ChannelWriter<Task<Committed[]>> pages, CancellationToken cancellation)
    {
        try
        {
            using var connection = Open();
            while (true)
            {
                var rows = new List<(long Revision, string Id, long Nr, string Manifest, byte[] Message)>(Page);
                using (var command = After(connection, revision, Page))
                using (var reader = command.ExecuteReader())
                {
                    while (reader.Read())
                    {
                        rows.Add((reader.GetInt64(0), reader.GetString(1), reader.GetInt64(2), reader.GetString(3), reader.GetFieldValue<byte[]>(4)));
                    }
                }

                if (rows.Count > 0)
                {
                    revision = rows[^1].Revision;
                    await pages.WriteAsync(Task.Run(() => rows.ConvertAll(r =>
                        new Committed(r.Id, r.Nr, ObjectEventCodec.Decode(r.Manifest, r.Message, r.Revision))).ToArray(), cancellation), cancellation).ConfigureAwait(false);
                }

                if (rows.Count < Page)
                {
                    pages.Complete();
                    return;
                }
            }
        }
        catch (Exception e)
        {
            pages.TryComplete(e);
        }
    }
}
