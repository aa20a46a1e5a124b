using Microsoft.Data.Sqlite;
using Npgsql;
using Orchestrator.Actors.Journal.Postgres;
using Orchestrator.Actors.Journal.Sqlite;

namespace Orchestrator.Actors.Journal;

/// <summary>The database of a journal.</summary>
/// <param name="IsPostgres">PostgreSQL; else SQLite.</param>
/// <param name="ConnectionString">Connection string of the database driver.</param>
internal sealed record JournalTarget(bool IsPostgres, string ConnectionString)
{
    private const int DefaultPool = 100;
    private const int Pool = 20;
    private const int DefaultConnectSeconds = 15;
    private const int ConnectSeconds = 5;
    private const int DefaultCommandSeconds = 30;
    private const int CommandSeconds = 10;

    /// <summary>The plugin's name of the database.</summary>
    public string Provider => IsPostgres ? "PostgreSQL.15" : "SQLite.MS";

    /// <summary>Reads the value of the setting <c>journal</c>.</summary>
    /// <exception cref="FormatException">The value is neither a path nor a connection string.</exception>
    public static JournalTarget Parse(string journal)
    {
        if (journal.StartsWith("postgres://", StringComparison.OrdinalIgnoreCase) || journal.StartsWith("postgresql://", StringComparison.OrdinalIgnoreCase))
        {
            return new JournalTarget(true, FromUrl(journal));
        }

        if (journal.Contains("Host=", StringComparison.OrdinalIgnoreCase))
        {
            return new JournalTarget(true, Tuned(Checked(() => new NpgsqlConnectionStringBuilder(journal))));
        }

        return new JournalTarget(false, journal.Contains("Data Source=", StringComparison.OrdinalIgnoreCase)
            ? journal
            : new SqliteConnectionStringBuilder { DataSource = journal, Mode = SqliteOpenMode.ReadWriteCreate, DefaultTimeout = 30 }.ToString());
    }

    /// <summary>Whether the text contains a password.</summary>
    public bool HasPassword => IsPostgres && new NpgsqlConnectionStringBuilder(ConnectionString).Password is { Length: > 0 };

    /// <summary>The database's dialect.</summary>
    public IJournalDialect Dialect() => IsPostgres ? new PostgresDialect(ConnectionString) : new SqliteDialect(ConnectionString);

    private static string FromUrl(string url)
    {
        if (!Uri.TryCreate(url, UriKind.Absolute, out var uri) || uri.Host.Length == 0)
        {
            throw new FormatException("journal: a PostgreSQL URL must be postgres://user:password@host:port/database");
        }

        return Tuned(Checked(() =>
        {
            var builder = new NpgsqlConnectionStringBuilder { Host = uri.Host, Database = Uri.UnescapeDataString(uri.AbsolutePath.Trim('/')) };
            if (uri.Port > 0)
            {
                builder.Port = uri.Port;
            }

            var user = uri.UserInfo.Split(':', 2);
            if (user[0].Length > 0)
            {
                builder.Username = Uri.UnescapeDataString(user[0]);
            }

            if (user.Length == 2)
            {
                builder.Password = Uri.UnescapeDataString(user[1]);
            }

            foreach (var pair in uri.Query.TrimStart('?').Split('&', StringSplitOptions.RemoveEmptyEntries).Select(p => p.Split('=', 2)))
            {
                var (name, value) = (Uri.UnescapeDataString(pair[0]), Uri.UnescapeDataString(pair[^1]));
                if (name == "sslmode")
                {
                    (name, value) = ("SSL Mode", value.Replace("-", "", StringComparison.Ordinal));
                }

                builder[name] = value;
            }

            return builder;
        }));
    }

    private static NpgsqlConnectionStringBuilder Checked(Func<NpgsqlConnectionStringBuilder> make)
    {
        try
        {
            return make();
        }
        catch (ArgumentException e)
        {
            throw new FormatException($"journal: {e.Message}", e);
        }
    }

    // There are few statements, so they stay prepared. Several hosts share the 100 connections that a server allows by default.
    private static string Tuned(NpgsqlConnectionStringBuilder builder)
    {
        if (builder.MaxPoolSize == DefaultPool)
        {
            builder.MaxPoolSize = Pool;
        }

        // Clients get an error within seconds if the database is unavailable.
        if (builder.Timeout == DefaultConnectSeconds)
        {
            builder.Timeout = ConnectSeconds;
        }

        if (builder.CommandTimeout == DefaultCommandSeconds)
        {
            builder.CommandTimeout = CommandSeconds;
        }

        if (builder.MaxAutoPrepare == 0)
        {
            builder.MaxAutoPrepare = 30;
            builder.AutoPrepareMinUsages = 2;
        }

        return builder.ToString();
    }
}
