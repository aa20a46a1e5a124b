using System.Data.Common;
using Microsoft.Data.Sqlite;

namespace Orchestrator.Actors.Journal.Sqlite;

/// <summary>The journal in a SQLite file, for one control host. Uses a write-ahead log and full sync. Once the file exists, no connection creates it again.</summary>
internal sealed class SqliteDialect(string connectionString) : IJournalDialect
{
    private const int Busy = 5;
    private const int Locked = 6;
    private const int ReadOnly = 8;
    private const int Full = 13;
    private const int CannotOpen = 14;
    private const int Constraint = 19;
    private readonly string _existing = new SqliteConnectionStringBuilder(connectionString) { Mode = SqliteOpenMode.ReadWrite }.ToString();
    private volatile bool _exists;
    private SqliteFiles? _files;

    private const string Schema = """
        PRAGMA journal_mode = WAL;
        CREATE TABLE IF NOT EXISTS journal (
          ordering INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
          created INTEGER NOT NULL,
          deleted BIT NOT NULL,
          persistence_id NVARCHAR(255) NOT NULL,
          sequence_number INTEGER NOT NULL,
          message VARBINARY NOT NULL,
          manifest NVARCHAR(500) NULL,
          identifier INTEGER NULL,
          writer_uuid NVARCHAR(128) NULL);
        CREATE UNIQUE INDEX IF NOT EXISTS journal_uq ON journal (persistence_id, sequence_number);
        CREATE TABLE IF NOT EXISTS tags (
          ordering_id INTEGER NOT NULL, tag NVARCHAR(64) NOT NULL, sequence_nr INTEGER NOT NULL, persistence_id NVARCHAR(255) NOT NULL,
          PRIMARY KEY (ordering_id, tag));
        CREATE TABLE IF NOT EXISTS snapshot (
          persistence_id NVARCHAR(255) NOT NULL,
          sequence_number INTEGER NOT NULL,
          created INTEGER NOT NULL,
          snapshot VARBINARY NULL,
          manifest NVARCHAR(500) NULL,
          serializer_id INTEGER NULL,
          PRIMARY KEY (persistence_id, sequence_number));
        CREATE TABLE IF NOT EXISTS retention (
          id INTEGER NOT NULL PRIMARY KEY CHECK (id = 1), folded INTEGER NOT NULL, trimmed INTEGER NOT NULL, since INTEGER NOT NULL);
        INSERT INTO retention SELECT 1, 0, 0, 0 WHERE NOT EXISTS (SELECT 1 FROM retention);
        CREATE TABLE IF NOT EXISTS identity (id TEXT NOT NULL PRIMARY KEY);
        INSERT INTO identity SELECT lower(hex(randomblob(16))) WHERE NOT EXISTS (SELECT 1 FROM identity);
        DROP VIEW IF EXISTS object_history;
        CREATE VIEW object_history AS
          SELECT ordering AS revision, persistence_id AS object, manifest AS event,
                 json_extract(body, '$.at') AS at, json_extract(body, '$.by') AS by, json_extract(body, '$.cause') AS cause,
                 CASE WHEN persistence_id LIKE 'secrets/%'
                   THEN json_remove(json_extract(body, '$.delta'), '$.data', '$.stringData', '$.metadata.annotations."kubectl.kubernetes.io/last-applied-configuration"')
                   ELSE json_extract(body, '$.delta') END AS change,
                 json_extract(body, '$.details') AS details, json_extract(body, '$.notes') AS notes
          FROM (SELECT ordering, persistence_id, manifest, CAST(message AS TEXT) AS body FROM journal);
        """;

    /// <inheritdoc/>
    public void CreateSchema(DbConnection connection)
    {
        using var command = connection.CreateCommand();
        command.CommandText = Schema;
        command.ExecuteNonQuery();
        _exists = true;
    }

    /// <inheritdoc/>
    public DbConnection Connect()
    {
        if (!_exists)
        {
            MakePrivate(new SqliteConnectionStringBuilder(connectionString).DataSource);
        }

        return new SqliteConnection(_exists ? _existing : connectionString);
    }

    /// <inheritdoc/>
    public IJournalAppender OpenAppender()
    {
        _files ??= SqliteFiles.Open(_existing);
        _files.Check(isStored: false);
        return new SqliteAppender(_existing, _files);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _files?.Dispose();
        foreach (var pool in (string[])[connectionString, _existing])
        {
            using var connection = new SqliteConnection(pool);
            SqliteConnection.ClearPool(connection);
        }
    }

    /// <inheritdoc/>
    public DbTransaction BeginRead(DbConnection connection) => ((SqliteConnection)connection).BeginTransaction(deferred: true);

    /// <inheritdoc/>
    public bool IsShared => false;

    /// <inheritdoc/>
    public void LockAppends(DbConnection connection)
    {
        // The transaction itself is the lock.
    }

    /// <inheritdoc/>
    public bool IsStale(Exception e) => false;

    /// <inheritdoc/>
    public bool TryHoldRetention(DbConnection connection) => true;

    /// <inheritdoc/>
    public void ReleaseRetention(DbConnection connection)
    {
        // A SQLite journal has one host, so no lock is needed.
    }

    // The journal holds Secrets. The files beside it get the mode of the database.
    private static void MakePrivate(string path)
    {
        const UnixFileMode ownerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        if (!File.Exists(path))
        {
            new FileStream(path, new FileStreamOptions { Mode = FileMode.OpenOrCreate, Access = FileAccess.Write, UnixCreateMode = ownerOnly }).Dispose();
            return;
        }

        foreach (var file in ((string[])[path, path + "-wal", path + "-shm"]).Where(File.Exists))
        {
            File.SetUnixFileMode(file, ownerOnly);
        }
    }

    /// <inheritdoc/>
    public bool IsRowsFault(Exception e) => e is SqliteException { SqliteErrorCode: Constraint };

    /// <inheritdoc/>
    public bool IsRefusal(Exception e) => e is SqliteException { SqliteErrorCode: Busy or Locked or ReadOnly or Full or CannotOpen or Constraint };

    /// <inheritdoc/>
    public bool IsFull(Exception e) => e is SqliteException { SqliteErrorCode: Full };

    /// <inheritdoc/>
    public long CopyTo(DbConnection connection, string path)
    {
        // More changes than are lost with a backup that is restored in time: no revision is given twice, and clients notice that time went back.
        const long skipped = 1_000_000;
        MakePrivate(path);
        using var copy = JournalTable.Command(connection, "VACUUM INTO @path", ("path", path));
        copy.CommandTimeout = 0;
        copy.ExecuteNonQuery();
        using var copied = new SqliteConnection(new SqliteConnectionStringBuilder { DataSource = path, Pooling = false }.ToString());
        copied.Open();
        using var skip = JournalTable.Command(copied, "UPDATE sqlite_sequence SET seq = seq + @skipped WHERE name = 'journal'", ("skipped", skipped));
        skip.ExecuteNonQuery();
        return JournalTable.Head(copied);
    }

    /// <inheritdoc/>
    public string SizeQuery => "SELECT page_count * page_size FROM pragma_page_count(), pragma_page_size()";

    /// <inheritdoc/>
    public Task ListenAsync(Action<long> head, Action<string?> away, CancellationToken cancellation) => Task.CompletedTask;
}
