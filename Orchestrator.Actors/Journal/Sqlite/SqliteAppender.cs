using System.Data.Common;
using Microsoft.Data.Sqlite;
using SQLitePCL;

namespace Orchestrator.Actors.Journal.Sqlite;

/// <summary>Stores batches with one prepared statement.</summary>
internal sealed class SqliteAppender : IJournalAppender
{
    private readonly SqliteConnection _connection;
    private readonly SqliteFiles _files;
    private readonly SqliteCommand _insert;
    private readonly SqliteParameter _id;
    private readonly SqliteParameter _number;
    private readonly SqliteParameter _created;
    private readonly SqliteParameter _message;
    private readonly SqliteParameter _manifest;

    /// <summary>Opens a connection of its own.</summary>
    public SqliteAppender(string connectionString, SqliteFiles files)
    {
        _files = files;
        _connection = new SqliteConnection(connectionString);
        _connection.Open();
        _insert = _connection.CreateCommand();
        _insert.CommandText = "PRAGMA synchronous = FULL; PRAGMA busy_timeout = 30000";
        _insert.ExecuteNonQuery();
        _insert.CommandText = "INSERT INTO journal (persistence_id, sequence_number, deleted, created, message, manifest, identifier) "
            + $"VALUES ($id, $nr, 0, $created, $message, $manifest, {JournalEntry.Serializer})";
        _id = _insert.Parameters.Add("$id", SqliteType.Text);
        _number = _insert.Parameters.Add("$nr", SqliteType.Integer);
        _created = _insert.Parameters.Add("$created", SqliteType.Integer);
        _message = _insert.Parameters.Add("$message", SqliteType.Blob);
        _manifest = _insert.Parameters.Add("$manifest", SqliteType.Text);
        _insert.Prepare();
    }

    /// <inheritdoc/>
    public DbConnection Connection => _connection;

    /// <inheritdoc/>
    public IReadOnlyList<Committed> Append(IReadOnlyList<JournalEntry> entries, long known)
    {
        _files.Check(isStored: false);
        using var transaction = _connection.BeginTransaction();
        _insert.Transaction = transaction;
        foreach (var entry in entries)
        {
            _id.Value = entry.Item.PersistenceId;
            _number.Value = entry.Item.SequenceNr;
            _created.Value = entry.Item.Event.At.UtcTicks;
            _message.Value = entry.Payload;
            _manifest.Value = entry.Item.Event.Manifest;
            _insert.ExecuteNonQuery();
            entry.Item.Event.Revision = raw.sqlite3_last_insert_rowid(_connection.Handle);
        }

        transaction.Commit();
        _files.Check(isStored: true);
        return [];
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _insert.Dispose();
        _connection.Dispose();
    }
}
