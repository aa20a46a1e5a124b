using Npgsql;
using Orchestrator.Actors.Journal;

namespace Orchestrator.Tests.Journal;

public class JournalTargetSpec
{
    [Theory]
    [InlineData("postgres://db/orc", "db", 5432, null, null, "orc")]
    [InlineData("postgresql://db:6000/orc", "db", 6000, null, null, "orc")]
    [InlineData("POSTGRES://me@db/orc", "db", 5432, "me", null, "orc")]
    [InlineData("postgres://me:secret@db:6000/orc", "db", 6000, "me", "secret", "orc")]
    [InlineData("postgres://me:a%3Ab%40c%2F%25@db/orc", "db", 5432, "me", "a:b@c/%", "orc")]
    [InlineData("postgres://me%40corp:x:y@db/my%20base", "db", 5432, "me@corp", "x:y", "my base")]
    [InlineData("postgres://127.0.0.1:1/orc?sslmode=require", "127.0.0.1", 1, null, null, "orc")]
    [InlineData("postgres://[::1]:1/orc", "[::1]", 1, null, null, "orc")]
    [InlineData("Host=db;Port=6000;Username=me;Password=s;Database=orc", "db", 6000, "me", "s", "orc")]
    public void A_url_or_a_connection_string_names_a_database(string journal, string host, int port, string? user, string? password, string database)
    {
        var target = JournalTarget.Parse(journal);
        Assert.True(target.IsPostgres);
        var b = new NpgsqlConnectionStringBuilder(target.ConnectionString);
        Assert.Equal((host, port, user, password, database), (b.Host, b.Port, b.Username, b.Password, b.Database));
        Assert.Equal((20, 5, 10, 30), (b.MaxPoolSize, b.Timeout, b.CommandTimeout, b.MaxAutoPrepare));
    }

    [Theory]
    [InlineData("postgres://db/orc?sslmode=require", SslMode.Require)]
    [InlineData("postgres://db/orc?sslmode=verify-full", SslMode.VerifyFull)]
    [InlineData("postgres://db/orc?sslmode=disable", SslMode.Disable)]
    public void Encryption_is_named_as_everywhere(string journal, SslMode mode) =>
        Assert.Equal(mode, new NpgsqlConnectionStringBuilder(JournalTarget.Parse(journal).ConnectionString).SslMode);

    [Fact]
    public void What_is_given_is_kept()
    {
        var b = new NpgsqlConnectionStringBuilder(JournalTarget.Parse("postgres://db/orc?Maximum%20Pool%20Size=7&Command%20Timeout=3&Timeout=2").ConnectionString);
        Assert.Equal((7, 3, 2), (b.MaxPoolSize, b.CommandTimeout, b.Timeout));
    }

    [Theory]
    [InlineData("postgres://")]
    [InlineData("postgres:///orc")]
    [InlineData("postgres://db:notaport/orc")]
    [InlineData("postgres://db/orc?colour=red")]
    [InlineData("postgres://db/orc?sslmode=perhaps")]
    [InlineData("Host=db;Colour=red")]
    public void What_is_neither_is_refused_in_a_sentence(string journal) =>
        Assert.StartsWith("journal: ", Assert.Throws<FormatException>(() => JournalTarget.Parse(journal)).Message, StringComparison.Ordinal);

    [Theory]
    [InlineData("/var/lib/orchestrator/journal.db")]
    [InlineData("journal.db")]
    [InlineData("/odd; path/post gres.db")]
    public void Anything_else_is_a_file(string path)
    {
        var target = JournalTarget.Parse(path);
        Assert.False(target.IsPostgres);
        Assert.Equal(path, new Microsoft.Data.Sqlite.SqliteConnectionStringBuilder(target.ConnectionString).DataSource);
    }
}
