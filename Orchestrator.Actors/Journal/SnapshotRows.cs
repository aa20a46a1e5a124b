using System.Data.Common;
using System.Text.Json;
using Akka.Persistence;

namespace Orchestrator.Actors.Journal;

/// <summary>A row of the snapshot table.</summary>
/// <param name="PersistenceId">Whose state.</param>
/// <param name="SequenceNr">The last event folded in.</param>
/// <param name="Created">When it was taken.</param>
/// <param name="Snapshot">The state.</param>
public sealed record StoredSnapshot(string PersistenceId, long SequenceNr, DateTime Created, ObjectSnapshot Snapshot);

/// <summary>The snapshot table by SQL, in the plugin's layout.</summary>
internal static class SnapshotRows
{
    public const string Columns = "persistence_id, sequence_number, created, snapshot";
    private const string Chosen = "persistence_id = @id AND sequence_number BETWEEN @from AND @to AND created BETWEEN @since AND @until";

    public static StoredSnapshot Decode(DbDataReader reader) => new(reader.GetString(0), reader.GetInt64(1),
        new DateTime(reader.GetInt64(2), DateTimeKind.Utc), JsonSerializer.Deserialize<ObjectSnapshot>(reader.GetFieldValue<byte[]>(3))!);

    public static StoredSnapshot? Load(DbConnection connection, string persistenceId, SnapshotSelectionCriteria criteria)
    {
        using var command = Criteria(connection, $"SELECT {Columns} FROM snapshot WHERE {Chosen} ORDER BY sequence_number DESC LIMIT 1", persistenceId, criteria);
        using var reader = command.ExecuteReader();
        return reader.Read() ? Decode(reader) : null;
    }

    public static void Save(DbConnection connection, DbTransaction transaction, StoredSnapshot row)
    {
        using var command = JournalTable.Command(connection, $"""
            INSERT INTO snapshot ({Columns}, manifest, serializer_id) VALUES (@id, @nr, @created, @snapshot, '{ObjectSnapshotSerializer.Name}', {ObjectSnapshotSerializer.Number})
            ON CONFLICT (persistence_id, sequence_number) DO UPDATE SET created = excluded.created, snapshot = excluded.snapshot
            """, ("id", row.PersistenceId), ("nr", row.SequenceNr), ("created", row.Created.Ticks), ("snapshot", JsonSerializer.SerializeToUtf8Bytes(row.Snapshot)));
        command.Transaction = transaction;
        command.ExecuteNonQuery();
    }

    public static void Delete(DbConnection connection, DbTransaction transaction, SnapshotMetadata metadata)
    {
        using var command = JournalTable.Command(connection,
            $"DELETE FROM snapshot WHERE persistence_id = @id AND sequence_number = @nr{(metadata.Timestamp > DateTime.MinValue ? " AND created = @created" : "")}",
            ("id", metadata.PersistenceId), ("nr", metadata.SequenceNr), ("created", metadata.Timestamp.Ticks));
        command.Transaction = transaction;
        command.ExecuteNonQuery();
    }

    public static void Delete(DbConnection connection, DbTransaction transaction, string persistenceId, SnapshotSelectionCriteria criteria)
    {
        using var command = Criteria(connection, $"DELETE FROM snapshot WHERE {Chosen}", persistenceId, criteria);
        command.Transaction = transaction;
        command.ExecuteNonQuery();
    }

    private static DbCommand Criteria(DbConnection connection, string sql, string persistenceId, SnapshotSelectionCriteria criteria) =>
        JournalTable.Command(connection, sql, ("id", persistenceId), ("from", criteria.MinSequenceNr), ("to", criteria.MaxSequenceNr),
            ("since", criteria.MinTimestamp?.Ticks ?? 0), ("until", criteria.MaxTimeStamp.Ticks));
}
