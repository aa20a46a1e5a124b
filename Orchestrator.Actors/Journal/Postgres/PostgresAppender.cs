using System.Data.Common;
using Npgsql;
using NpgsqlTypes;

namespace Orchestrator.Actors.Journal.Postgres;

/// <summary>Stores a batch in one round trip: lock, read of commits by other hosts, insert, notification.</summary>
internal sealed class PostgresAppender : IJournalAppender
{
    private readonly NpgsqlConnection _connection;
    private readonly NpgsqlBatch _batch;
    private readonly NpgsqlParameter _known = new() { NpgsqlDbType = NpgsqlDbType.Bigint };
    private readonly NpgsqlParameter _ids = new() { NpgsqlDbType = NpgsqlDbType.Array | NpgsqlDbType.Text };
    private readonly NpgsqlParameter _numbers = new() { NpgsqlDbType = NpgsqlDbType.Array | NpgsqlDbType.Bigint };
    private readonly NpgsqlParameter _created = new() { NpgsqlDbType = NpgsqlDbType.Array | NpgsqlDbType.Bigint };
    private readonly NpgsqlParameter _messages = new() { NpgsqlDbType = NpgsqlDbType.Array | NpgsqlDbType.Bytea };
    private readonly NpgsqlParameter _manifests = new() { NpgsqlDbType = NpgsqlDbType.Array | NpgsqlDbType.Text };

    public PostgresAppender(string connectionString)
    {
        _connection = new NpgsqlConnection(connectionString);
        _connection.Open();
        _batch = new NpgsqlBatch(_connection);
        _batch.BatchCommands.Add(new NpgsqlBatchCommand($"SELECT pg_advisory_xact_lock({PostgresDialect.AppendLock})"));
        _batch.BatchCommands.Add(new NpgsqlBatchCommand($"SELECT {JournalTable.Columns} FROM journal WHERE ordering > $1 AND NOT deleted ORDER BY ordering")
        {
            Parameters = { _known },
        });
        _batch.BatchCommands.Add(new NpgsqlBatchCommand(
            "INSERT INTO journal (persistence_id, sequence_number, deleted, created, message, manifest, identifier) "
            + $"SELECT id, nr, FALSE, created, message, manifest, {JournalEntry.Serializer} "
            + "FROM unnest($1, $2, $3, $4, $5) WITH ORDINALITY AS rows (id, nr, created, message, manifest, place) ORDER BY place "
            + "RETURNING ordering")
        {
            Parameters = { _ids, _numbers, _created, _messages, _manifests },
        });
        _batch.BatchCommands.Add(new NpgsqlBatchCommand($"SELECT pg_notify('{PostgresDialect.Channel}', lastval()::text)"));
    }

    /// <inheritdoc/>
    public DbConnection Connection => _connection;

    /// <inheritdoc/>
    public IReadOnlyList<Committed> Append(IReadOnlyList<JournalEntry> entries, long known)
    {
        _known.Value = known;
        _ids.Value = Column(entries, e => e.Item.PersistenceId);
        _numbers.Value = Column(entries, e => e.Item.SequenceNr);
        _created.Value = Column(entries, e => e.Item.Event.At.UtcTicks);
        _messages.Value = Column(entries, e => e.Payload);
        _manifests.Value = Column(entries, e => e.Item.Event.Manifest);
        List<Committed> others = [];
        var revisions = new long[entries.Count];
        using (var reader = _batch.ExecuteReader())
        {
            reader.NextResult();
            while (reader.Read())
            {
                others.Add(JournalTable.Decode(reader));
            }

            reader.NextResult();
            for (var i = 0; reader.Read(); i++)
            {
                revisions[i] = reader.GetInt64(0);
            }

            while (reader.NextResult())
            {
                // The batch is committed once its last result has come without an error.
            }
        }

        for (var i = 0; i < revisions.Length; i++)
        {
            entries[i].Item.Event.Revision = revisions[i];
        }

        return others;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _batch.Dispose();
        _connection.Dispose();
    }

    private static T[] Column<T>(IReadOnlyList<JournalEntry> entries, Func<JournalEntry, T> value)
    {
        var column = new T[entries.Count];
        for (var i = 0; i < column.Length; i++)
        {
            column[i] = value(entries[i]);
        }

        return column;
    }
}
