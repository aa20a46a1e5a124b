using System.Data.Common;
using System.Globalization;
using Npgsql;

namespace Orchestrator.Actors.Journal.Postgres;

/// <summary>The journal in PostgreSQL, for several control hosts.</summary>
internal sealed class PostgresDialect(string connectionString) : IJournalDialect
{
    /// <summary>Advisory lock of a batch, held until the batch is visible, so that revisions are in commit order.</summary>
    internal const long AppendLock = 7_100_001;

    /// <summary>Channel on which hosts notify each other of commits.</summary>
    internal const string Channel = "orchestrator_journal";

    /// <summary>Advisory lock of the host that compacts.</summary>
    private const long RetentionLock = 7_100_003;

    private const string Schema = """
        SELECT pg_advisory_xact_lock(7100002);
        CREATE TABLE IF NOT EXISTS journal (
          ordering BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
          created BIGINT NOT NULL,
          deleted BOOLEAN NOT NULL,
          persistence_id TEXT COLLATE "C" NOT NULL,
          sequence_number BIGINT NOT NULL,
          message BYTEA NOT NULL,
          manifest TEXT NULL,
          identifier INT NULL,
          writer_uuid TEXT NULL);
        CREATE UNIQUE INDEX IF NOT EXISTS journal_uq ON journal (persistence_id, sequence_number);
        CREATE TABLE IF NOT EXISTS tags (
          ordering_id BIGINT NOT NULL, tag TEXT NOT NULL, sequence_nr BIGINT NOT NULL, persistence_id TEXT NOT NULL,
          PRIMARY KEY (ordering_id, tag));
        CREATE TABLE IF NOT EXISTS snapshot (
          persistence_id TEXT COLLATE "C" NOT NULL,
          sequence_number BIGINT NOT NULL,
          created BIGINT NOT NULL,
          snapshot BYTEA NULL,
          manifest TEXT NULL,
          serializer_id INT NULL,
          PRIMARY KEY (persistence_id, sequence_number));
        CREATE TABLE IF NOT EXISTS retention (
          id INT NOT NULL PRIMARY KEY CHECK (id = 1), folded BIGINT NOT NULL, trimmed BIGINT NOT NULL, since BIGINT NOT NULL);
        INSERT INTO retention VALUES (1, 0, 0, 0) ON CONFLICT DO NOTHING;
        CREATE TABLE IF NOT EXISTS identity (id TEXT NOT NULL PRIMARY KEY);
        INSERT INTO identity SELECT replace(gen_random_uuid()::text, '-', '') WHERE NOT EXISTS (SELECT 1 FROM identity);
        CREATE OR REPLACE VIEW object_history AS
          SELECT ordering AS revision, persistence_id AS object, manifest AS event, body ->> 'at' AS at, body ->> 'by' AS by,
                 (body ->> 'cause')::bigint AS cause,
                 CASE WHEN persistence_id LIKE 'secrets/%'
                   THEN (body -> 'delta') #- '{data}' #- '{stringData}' #- '{metadata,annotations,kubectl.kubernetes.io/last-applied-configuration}'
                   ELSE body -> 'delta' END AS change,
                 body -> 'details' AS details, body -> 'notes' AS notes
          FROM (SELECT ordering, persistence_id, manifest, convert_from(message, 'UTF8')::jsonb AS body FROM journal) AS events;
        """;

    private static readonly TimeSpan Retry = TimeSpan.FromSeconds(1);

    /// <inheritdoc/>
    public void CreateSchema(DbConnection connection)
    {
        using var transaction = connection.BeginTransaction();
        using var command = connection.CreateCommand();
        command.Transaction = transaction;
        command.CommandText = Schema;
        command.ExecuteNonQuery();
        transaction.Commit();
    }

    /// <inheritdoc/>
    public DbConnection Connect() => new NpgsqlConnection(connectionString);

    /// <inheritdoc/>
    public IJournalAppender OpenAppender() => new PostgresAppender(connectionString);

    /// <inheritdoc/>
    public void Dispose()
    {
        // The pool of connections is shared by everything in the process that uses this database.
    }

    /// <inheritdoc/>
    public DbTransaction BeginRead(DbConnection connection) => connection.BeginTransaction(System.Data.IsolationLevel.RepeatableRead);

    /// <inheritdoc/>
    public bool IsShared => true;

    /// <inheritdoc/>
    public void LockAppends(DbConnection connection) => Scalar(connection, $"SELECT pg_advisory_xact_lock({AppendLock})");

    /// <inheritdoc/>
    public bool IsStale(Exception e)
    {
        if (e is not NpgsqlException { IsTransient: true })
        {
            return false;
        }

        using var connection = new NpgsqlConnection(connectionString);
        NpgsqlConnection.ClearPool(connection);
        return true;
    }

    /// <inheritdoc/>
    public bool TryHoldRetention(DbConnection connection) => (bool)Scalar(connection, $"SELECT pg_try_advisory_lock({RetentionLock})")!;

    /// <inheritdoc/>
    public void ReleaseRetention(DbConnection connection) => Scalar(connection, $"SELECT pg_advisory_unlock({RetentionLock})");

    /// <inheritdoc/>
    public bool IsRowsFault(Exception e) => e is PostgresException { SqlState: var state } && (state.StartsWith("23", StringComparison.Ordinal) || state.StartsWith("22", StringComparison.Ordinal));

    /// <inheritdoc/>
    public bool IsRefusal(Exception e) => e is PostgresException { Severity: "ERROR" }; // The server rolled back. A FATAL error can come after a commit.

    /// <inheritdoc/>
    public bool IsFull(Exception e) => e is PostgresException { SqlState: PostgresErrorCodes.DiskFull };

    /// <inheritdoc/>
    public long CopyTo(DbConnection connection, string path) => throw new NotSupportedException("A journal in PostgreSQL is copied with pg_dump.");

    /// <inheritdoc/>
    public string SizeQuery => "SELECT pg_total_relation_size('journal') + pg_total_relation_size('snapshot')";

    /// <inheritdoc/>
    public async Task ListenAsync(Action<long> head, Action<string?> away, CancellationToken cancellation)
    {
        while (!cancellation.IsCancellationRequested)
        {
            try
            {
                await ListenOnceAsync(head, away, cancellation).ConfigureAwait(false);
            }
            catch (Exception e) when (e is NpgsqlException or IOException or System.Net.Sockets.SocketException)
            {
                away(e.Message);
                await Task.Delay(Retry, cancellation).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }
            catch (OperationCanceledException) when (cancellation.IsCancellationRequested)
            {
                return;
            }
        }
    }

    private static object? Scalar(DbConnection connection, string sql)
    {
        using var command = connection.CreateCommand();
        command.CommandText = sql;
        return command.ExecuteScalar();
    }

    private async Task ListenOnceAsync(Action<long> head, Action<string?> away, CancellationToken cancellation)
    {
        // Keep-alive detects a connection that was lost without an error.
        var builder = new NpgsqlConnectionStringBuilder(connectionString) { KeepAlive = 10, Pooling = false };
        var connection = new NpgsqlConnection(builder.ToString());
        await using (connection.ConfigureAwait(false))
        {
            await connection.OpenAsync(cancellation).ConfigureAwait(false);
            connection.Notification += (_, e) => head(long.TryParse(e.Payload, CultureInfo.InvariantCulture, out var at) ? at : long.MaxValue);
            var listen = new NpgsqlCommand($"LISTEN {Channel}", connection);
            await using (listen.ConfigureAwait(false))
            {
                await listen.ExecuteNonQueryAsync(cancellation).ConfigureAwait(false);
            }

            away(null);

            // Report commits from before the subscription.
            head(long.MaxValue);
            while (true)
            {
                await connection.WaitAsync(cancellation).ConfigureAwait(false);
            }
        }
    }
}
