using System.Data.Common;
using Akka.Persistence;

namespace Orchestrator.Actors.Journal;

/// <summary>A row of the snapshot table.</summary>
/// <param name="PersistenceId">Id of the object.</param>
/// <param name="SequenceNr">Sequence number of the last applied event.</param>
/// <param name="Created">When it was taken.</param>
/// <param name="Snapshot">The state.</param>
public sealed record StoredSnapshot(string PersistenceId, long SequenceNr, DateTime Created, ObjectSnapshot Snapshot);

/// <summary>SQL statements for the snapshot table, in the layout of the plugin.</summary>
internal static class SnapshotRows
{
    public const string Columns = "persistence_id, sequence_number, created, snapshot";
    private const string Chosen = "persistence_id = @id AND sequence_number BETWEEN @from AND @to AND created BETWEEN @since AND @until";

    public static StoredSnapshot Decode(DbDataReader reader) => new(reader.GetString(0), reader.GetInt64(1),
        new DateTime(reader.GetInt64(2), DateTimeKind.Utc), ObjectSnapshotSerializer.Decode(reader.GetFieldValue<byte[]>(3)));

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
            """, ("id", row.PersistenceId), ("nr", row.SequenceNr), ("created", row.Created.Ticks), ("snapshot", ObjectSnapshotSerializer.Encode(row.Snapshot)));
        command.Transaction = transaction;
        command.ExecuteNonQuery();
    }

    /// <summary>Saves several snapshots with one statement.</summary>
    public static void Save(DbConnection connection, DbTransaction transaction, IReadOnlyList<StoredSnapshot> rows)
    {
        if (rows.Count == 0)
        {
            return;
        }

        using var command = JournalTable.Command(connection, $"""
            INSERT INTO snapshot ({Columns}, manifest, serializer_id)
            VALUES {string.Join(", ", rows.Select((_, i) => $"(@i{i}, @n{i}, @c{i}, @s{i}, '{ObjectSnapshotSerializer.Name}', {ObjectSnapshotSerializer.Number})"))}
            ON CONFLICT (persistence_id, sequence_number) DO UPDATE SET created = excluded.created, snapshot = excluded.snapshot
            """, [.. rows.SelectMany((r, i) => ((string, object)[])
            [($"i{i}", r.PersistenceId), ($"n{i}", r.SequenceNr), ($"c{i}", r.Created.Ticks), ($"s{i}", ObjectSnapshotSerializer.Encode(r.Snapshot))])]);
        command.Transaction = transaction;
        command.ExecuteNonQuery();
    }

    /// <summary>Returns, for every object including deleted ones, the snapshot with its state at a revision.</summary>
    public static IEnumerable<StoredSnapshot> At(DbConnection connection, long revision)
    {
        using var command = JournalTable.Command(connection, $"SELECT {Columns} FROM snapshot ORDER BY persistence_id, sequence_number");
        using var reader = command.ExecuteReader();
        StoredSnapshot? newest = null;
        while (reader.Read())
        {
            var row = Decode(reader);
            if (newest is not null && newest.PersistenceId != row.PersistenceId)
            {
                yield return newest;
                newest = null;
            }

            newest = row.Snapshot.Revision <= revision ? row : newest;
        }

        if (newest is not null)
        {
            yield return newest;
        }
    }

    /// <summary>Deletes snapshots below a sequence number per object.</summary>
    public static void DeleteBelow(DbConnection connection, DbTransaction transaction, IReadOnlyList<(string Id, long Below)> superseded)
    {
        if (superseded.Count == 0)
        {
            return;
        }

        using var command = JournalTable.Command(connection, $"""
            WITH superseded (id, below) AS (VALUES {string.Join(", ", superseded.Select((_, i) => $"(@i{i}, @n{i})"))})
            DELETE FROM snapshot WHERE (persistence_id, sequence_number) IN (
              SELECT s.persistence_id, s.sequence_number FROM superseded JOIN snapshot AS s ON s.persistence_id = superseded.id AND s.sequence_number < superseded.below)
            """, [.. superseded.SelectMany((r, i) => ((string, object)[])[($"i{i}", r.Id), ($"n{i}", r.Below)])]);
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
