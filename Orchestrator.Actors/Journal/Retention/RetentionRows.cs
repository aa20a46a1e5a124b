using System.Data.Common;

namespace Orchestrator.Actors.Journal;

/// <summary>How far the journal has been compacted.</summary>
/// <param name="Folded">Every object has a snapshot at this revision, so no event up to here is needed any more. Column <c>folded</c>.</param>
/// <param name="Compacted">The events up to this revision are deleted. Column <c>trimmed</c>.</param>
/// <param name="Since">Time of the last deleted event; history starts after it. Null if nothing is deleted.</param>
public sealed record RetentionMark(long Folded, long Compacted, DateTimeOffset? Since);

/// <summary>An event that may be compacted.</summary>
/// <param name="Revision">Revision of the event.</param>
/// <param name="PersistenceId">Persistence id of its object.</param>
/// <param name="SequenceNr">Sequence number in the object's history.</param>
/// <param name="Manifest">Manifest of the event.</param>
/// <param name="Created">Time of the event in ticks.</param>
internal sealed record AgedRow(long Revision, string PersistenceId, long SequenceNr, string Manifest, long Created)
{
    public bool IsDeletion => Manifest.Split('.') is [.., "deleted", _];
}

/// <summary>The statements of the compaction, for both databases. Each change advances a mark from the value that was read, or fails.</summary>
internal static class RetentionRows
{
    public static RetentionMark Read(DbConnection connection)
    {
        using var command = JournalTable.Command(connection, "SELECT folded, trimmed, since FROM retention");
        using var reader = command.ExecuteReader();
        reader.Read();
        return new RetentionMark(reader.GetInt64(0), reader.GetInt64(1), reader.GetInt64(2) is > 0 and var since ? new DateTimeOffset(since, TimeSpan.Zero) : null);
    }

    /// <summary>Returns the next events to fold, oldest first, except the last one of the journal, from which the next revision is derived.</summary>
    public static IReadOnlyList<(AgedRow Row, byte[] Message)> ToFold(DbConnection connection, long after, int max)
    {
        using var command = JournalTable.Command(connection, $"""
            SELECT ordering, persistence_id, sequence_number, manifest, created, message FROM journal
            WHERE ordering > @after AND ordering < (SELECT MAX(ordering) FROM journal) AND deleted = FALSE ORDER BY ordering LIMIT @max
            """, ("after", after), ("max", (long)max));
        var rows = new List<(AgedRow, byte[])>();
        using var reader = command.ExecuteReader();
        while (reader.Read())
        {
            rows.Add((Row(reader), reader.GetFieldValue<byte[]>(5)));
        }

        return rows;
    }

    /// <summary>Returns the next folded events to delete, oldest first.</summary>
    public static IReadOnlyList<AgedRow> ToDelete(DbConnection connection, long after, long to, int max)
    {
        using var command = JournalTable.Command(connection, $"""
            SELECT ordering, persistence_id, sequence_number, manifest, created FROM journal
            WHERE ordering > @after AND ordering <= @to AND deleted = FALSE ORDER BY ordering LIMIT @max
            """, ("after", after), ("to", to), ("max", (long)max));
        var rows = new List<AgedRow>();
        using var reader = command.ExecuteReader();
        while (reader.Read())
        {
            rows.Add(Row(reader));
        }

        return rows;
    }

    public static void Fold(DbConnection connection, DbTransaction transaction, long from, long to, IReadOnlyList<StoredSnapshot> states)
    {
        Move(connection, transaction, "UPDATE retention SET folded = @to WHERE folded = @from", ("from", from), ("to", to));
        SnapshotRows.Save(connection, transaction, states);
    }

    /// <param name="connection">Connection of the writer.</param>
    /// <param name="transaction">Transaction of the maintenance job.</param>
    /// <param name="from">The mark when the rows were read.</param>
    /// <param name="last">The last row to delete; it becomes the new mark.</param>
    /// <param name="spared">Persistence ids whose events are kept.</param>
    /// <param name="superseded">Snapshots below these sequence numbers are deleted too.</param>
    public static void Delete(DbConnection connection, DbTransaction transaction, long from, AgedRow last, IReadOnlyList<string> spared,
        IReadOnlyList<(string Id, long Below)> superseded)
    {
        Move(connection, transaction, "UPDATE retention SET trimmed = @to, since = @since WHERE trimmed = @from",
            ("from", from), ("to", last.Revision), ("since", last.Created));
        var except = spared.Count == 0 ? "" : $" AND persistence_id NOT IN ({string.Join(", ", spared.Select((_, i) => $"@s{i}"))})";
        using var events = JournalTable.Command(connection, $"DELETE FROM journal WHERE ordering > @from AND ordering <= @to AND deleted = FALSE{except}",
            [("from", from), ("to", last.Revision), .. spared.Select((id, i) => ($"s{i}", (object)id))]);
        events.Transaction = transaction;
        events.ExecuteNonQuery();
        SnapshotRows.DeleteBelow(connection, transaction, superseded);
    }

    private static void Move(DbConnection connection, DbTransaction transaction, string sql, params ReadOnlySpan<(string Name, object Value)> parameters)
    {
        using var command = JournalTable.Command(connection, sql, parameters);
        command.Transaction = transaction;
        if (command.ExecuteNonQuery() != 1)
        {
            throw new InvalidOperationException("Another host is compacting the journal.");
        }
    }

    private static AgedRow Row(DbDataReader reader) => new(reader.GetInt64(0), reader.GetString(1), reader.GetInt64(2), reader.GetString(3), reader.GetInt64(4));
}
