using Microsoft.Data.Sqlite;

namespace Orchestrator.Actors.Journal;

/// <summary>The plugin's journal table in SQLite, by prepared statements: one connection that writes, pooled ones that read.</summary>
public sealed class JournalTable : IDisposable
{
    private const string Columns = "ordering, persistence_id, sequence_number, manifest, message";
    private readonly string _connectionString;
    private SqliteConnection? _writer;
    private SqliteCommand? _insert;

    /// <summary>Opens nothing yet: the plugin makes the table first.</summary>
    public JournalTable(string connectionString) => _connectionString = connectionString;

    /// <summary>Commits the events in one transaction and stamps their revisions.</summary>
    /// <exception cref="SqliteException">Nothing was stored; a unique violation means a second writer of an object.</exception>
    public IReadOnlyList<Committed> Append(IEnumerable<Committed> events)
    {
        var insert = Writer();
        using var transaction = _writer!.BeginTransaction();
        insert.Transaction = transaction;
        var committed = new List<Committed>();
        foreach (var item in events)
        {
            insert.Parameters[0].Value = item.PersistenceId;
            insert.Parameters[1].Value = item.SequenceNr;
            insert.Parameters[2].Value = item.Event.At.UtcTicks;
            insert.Parameters[3].Value = ObjectEventCodec.Encode(item.Event);
            insert.Parameters[4].Value = item.Event.Manifest;
            item.Event.Revision = (long)insert.ExecuteScalar()!;
            committed.Add(item);
        }

        transaction.Commit();
        return committed;
    }

    /// <summary>The events of one object, in order.</summary>
    public IReadOnlyList<Committed> ReadObject(string persistenceId, long from = 0, long to = long.MaxValue, long max = long.MaxValue)
    {
        using var connection = Open();
        using var command = connection.CreateCommand();
        command.CommandText = $"SELECT {Columns} FROM journal WHERE persistence_id = $id AND sequence_number BETWEEN $from AND $to ORDER BY sequence_number LIMIT $max";
        command.Parameters.AddWithValue("$id", persistenceId);
        command.Parameters.AddWithValue("$from", from);
        command.Parameters.AddWithValue("$to", to);
        command.Parameters.AddWithValue("$max", max);
        return Read(command);
    }

    /// <summary>Up to <paramref name="max"/> events of all objects after a revision, in journal order.</summary>
    public IReadOnlyList<Committed> ReadAfter(long revision, int max)
    {
        using var connection = Open();
        using var command = connection.CreateCommand();
        command.CommandText = $"SELECT {Columns} FROM journal WHERE ordering > $after ORDER BY ordering LIMIT $max";
        command.Parameters.AddWithValue("$after", revision);
        command.Parameters.AddWithValue("$max", max);
        return Read(command);
    }

    /// <summary>The last sequence number of an object; 0 when it has none.</summary>
    public long HighestSequenceNr(string persistenceId)
    {
        using var connection = Open();
        using var command = connection.CreateCommand();
        command.CommandText = "SELECT COALESCE(MAX(sequence_number), 0) FROM journal WHERE persistence_id = $id";
        command.Parameters.AddWithValue("$id", persistenceId);
        return (long)command.ExecuteScalar()!;
    }

    /// <summary>Deletes the events of an object up to a sequence number, but never its last: the count goes on from it.</summary>
    public void DeleteTo(string persistenceId, long to)
    {
        using var connection = Open();
        using var command = connection.CreateCommand();
        command.CommandText = "DELETE FROM journal WHERE persistence_id = $id AND sequence_number <= $to "
            + "AND sequence_number < (SELECT MAX(sequence_number) FROM journal WHERE persistence_id = $id)";
        command.Parameters.AddWithValue("$id", persistenceId);
        command.Parameters.AddWithValue("$to", to);
        command.ExecuteNonQuery();
    }

    /// <summary>Whether the plugin has made the table.</summary>
    public bool Exists()
    {
        using var connection = Open();
        using var command = connection.CreateCommand();
        command.CommandText = "SELECT COUNT(*) FROM sqlite_master WHERE name = 'journal'";
        return (long)command.ExecuteScalar()! == 1;
    }

    /// <summary>Makes the view <c>object_history</c> for people with <c>sqlite3</c>.</summary>
    public void CreateView()
    {
        using var connection = Open();
        using var command = connection.CreateCommand();
        command.CommandText = """
            CREATE VIEW IF NOT EXISTS object_history AS
            SELECT ordering AS revision, persistence_id AS object, manifest AS event,
                   json_extract(CAST(message AS TEXT), '$.at') AS at, json_extract(CAST(message AS TEXT), '$.by') AS by,
                   json_extract(CAST(message AS TEXT), '$.cause') AS cause, json_extract(CAST(message AS TEXT), '$.delta') AS change
            FROM journal
            """;
        command.ExecuteNonQuery();
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _insert?.Dispose();
        _writer?.Dispose();
    }

    private static List<Committed> Read(SqliteCommand command)
    {
        var events = new List<Committed>();
        using var reader = command.ExecuteReader();
        while (reader.Read())
        {
            events.Add(new Committed(reader.GetString(1), reader.GetInt64(2),
                ObjectEventCodec.Decode(reader.GetString(3), reader.GetFieldValue<byte[]>(4), reader.GetInt64(0))));
        }

        return events;
    }

    private SqliteCommand Writer()
    {
        if (_insert is not null)
        {
            return _insert;
        }

        _writer = Open();
        using (var pragma = _writer.CreateCommand())
        {
            pragma.CommandText = "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA busy_timeout = 30000";
            pragma.ExecuteNonQuery();
        }

        _insert = _writer.CreateCommand();
        _insert.CommandText = "INSERT INTO journal (persistence_id, sequence_number, deleted, created, message, manifest, identifier) "
            + "VALUES ($id, $nr, 0, $created, $message, $manifest, 7100) RETURNING ordering";
        foreach (var (name, type) in (ReadOnlySpan<(string, SqliteType)>)[("$id", SqliteType.Text), ("$nr", SqliteType.Integer),
            ("$created", SqliteType.Integer), ("$message", SqliteType.Blob), ("$manifest", SqliteType.Text)])
        {
            _insert.Parameters.Add(name, type);
        }

        _insert.Prepare();
        return _insert;
    }

    private SqliteConnection Open()
    {
        var connection = new SqliteConnection(_connectionString);
        connection.Open();
        return connection;
    }
}
