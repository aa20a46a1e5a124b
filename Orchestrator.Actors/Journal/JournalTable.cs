using System.Data.Common;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace Orchestrator.Actors.Journal;

/// <summary>The journal's tables in SQLite or PostgreSQL: reads, and writes other than appended events.</summary>
public sealed class JournalTable : IDisposable
{
    internal const string Columns = "ordering, persistence_id, sequence_number, manifest, message";
    private readonly Lock _gate = new();
    private volatile bool _made;

    /// <summary>Does not open a connection yet.</summary>
    /// <param name="journal">A SQLite path, a PostgreSQL URL or a connection string.</param>
    public JournalTable(string journal) : this(JournalTarget.Parse(journal).Dialect())
    {
    }

    internal JournalTable(IJournalDialect dialect) => Dialect = dialect;

    /// <summary>Whether other hosts may write to it.</summary>
    public bool IsShared => Dialect.IsShared;

    internal IJournalDialect Dialect { get; }

    /// <summary>The events of one object, in order.</summary>
    public IReadOnlyList<Committed> ReadObject(string persistenceId, long from = 0, long to = long.MaxValue, long max = long.MaxValue) => Query(connection =>
    {
        using var command = Command(connection, $"""
            SELECT {Columns} FROM journal WHERE persistence_id = @id AND sequence_number BETWEEN @from AND @to AND deleted = FALSE
            ORDER BY sequence_number LIMIT @max
            """, ("id", persistenceId), ("from", from), ("to", to), ("max", max));
        return Read(command);
    });

    /// <summary>Up to <paramref name="max"/> events of all objects after a revision, in journal order.</summary>
    public IReadOnlyList<Committed> ReadAfter(long revision, int max) => Query(connection => ReadAfter(connection, revision, max));

    /// <summary>Opens a consistent read of the whole journal.</summary>
    public JournalReplay OpenReplay() => new(this);

    /// <summary>How far the journal has been compacted.</summary>
    public RetentionMark Retention() => Query(RetentionRows.Read);

    /// <summary>A random text that a new journal gets and keeps; a copy of the journal has the same.</summary>
    public string Identity() => Query(connection =>
    {
        using var command = Command(connection, "SELECT id FROM identity");
        return (string)command.ExecuteScalar()!;
    });

    /// <summary>Copies a SQLite journal while it is written to. A host that starts with the copy continues with higher revisions than clients can have seen
    /// after it was made.</summary>
    /// <param name="path">The file to create.</param>
    /// <returns>The last revision in the copy.</returns>
    /// <exception cref="NotSupportedException">The journal is in PostgreSQL.</exception>
    public long CopyTo(string path) => Query(connection => Dialect.CopyTo(connection, path));

    /// <summary>Its size and age.</summary>
    public JournalFigures Figures() => Query(connection =>
    {
        using var size = Command(connection, Dialect.SizeQuery);
        using var oldest = Command(connection, "SELECT created FROM journal ORDER BY ordering LIMIT 1");
        return new JournalFigures(Convert.ToInt64(size.ExecuteScalar(), System.Globalization.CultureInfo.InvariantCulture),
            oldest.ExecuteScalar() is long ticks ? new DateTimeOffset(ticks, TimeSpan.Zero) : null);
    });

    /// <summary>The last committed revision; 0 when there is none.</summary>
    public long Head() => Query(Head);

    /// <summary>Digest of the row at a revision, by which a journal is recognized; null if there is no such row.</summary>
    public string? DigestOf(long revision) => Query(connection => DigestOf(connection, revision));

    /// <summary>The highest sequence number among the events and snapshots of an object; 0 if it has none.</summary>
    public long HighestSequenceNr(string persistenceId) => Query(connection =>
    {
        using var command = Command(connection, """
            SELECT COALESCE(MAX(number), 0) FROM (
              SELECT MAX(sequence_number) AS number FROM journal WHERE persistence_id = @id
              UNION ALL SELECT MAX(sequence_number) FROM snapshot WHERE persistence_id = @id) AS numbers
            """, ("id", persistenceId));
        return (long)command.ExecuteScalar()!;
    });

    /// <summary>Every id that has a row.</summary>
    internal IReadOnlyList<string> Ids() => Query(connection =>
    {
        using var command = Command(connection, "SELECT DISTINCT persistence_id FROM journal UNION SELECT DISTINCT persistence_id FROM snapshot");
        using var reader = command.ExecuteReader();
        var ids = new List<string>();
        while (reader.Read())
        {
            ids.Add(reader.GetString(0));
        }

        return (IReadOnlyList<string>)ids;
    });

    /// <summary>The newest snapshot of an object that matches the criteria; null if there is none.</summary>
    public StoredSnapshot? LoadSnapshot(string persistenceId, Akka.Persistence.SnapshotSelectionCriteria criteria) =>
        Query(connection => SnapshotRows.Load(connection, persistenceId, criteria));

    /// <summary>Creates the tables if they are missing.</summary>
    public void Create() => Open().Dispose();

    /// <inheritdoc/>
    public void Dispose() => Dialect.Dispose();

    internal static long Head(DbConnection connection)
    {
        using var command = Command(connection, "SELECT COALESCE(MAX(ordering), 0) FROM journal");
        return (long)command.ExecuteScalar()!;
    }

    internal static string? DigestOf(DbConnection connection, long revision)
    {
        using var command = Command(connection, "SELECT persistence_id, sequence_number, created, message FROM journal WHERE ordering = @revision", ("revision", revision));
        using var reader = command.ExecuteReader();
        if (!reader.Read())
        {
            return null;
        }

        var row = Encoding.UTF8.GetBytes(string.Create(CultureInfo.InvariantCulture, $"{reader.GetString(0)}\n{reader.GetInt64(1)}\n{reader.GetInt64(2)}\n"));
        return Convert.ToHexString(SHA256.HashData([.. row, .. reader.GetFieldValue<byte[]>(3)]));
    }

    internal static Committed Decode(DbDataReader reader) => new(reader.GetString(1), reader.GetInt64(2),
        ObjectEventCodec.Read(reader.GetString(3), reader.GetFieldValue<byte[]>(4), reader.GetInt64(0)));

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

    /// <summary>Deletes the events of an object up to a sequence number. Its last row stays, marked as deleted, because the next sequence number follows from it.</summary>
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

    private T Query<T>(Func<DbConnection, T> read)
    {
        for (var isFirst = true; ; isFirst = false)
        {
            using var connection = Open();
            try
            {
                return read(connection);
            }
            catch (Exception e) when (isFirst && Dialect.IsStale(e))
            {
                // The pooled connection belongs to a server that was restarted: retry once with a new one.
            }
        }
    }

    internal static DbCommand After(DbConnection connection, long revision, int max) => Command(connection,
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
}
