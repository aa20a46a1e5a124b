using System.Diagnostics;
using System.Net;
using Npgsql;
using Orchestrator.Tests.Kit;

namespace Orchestrator.Tests.Journal;

/// <summary>A host whose PostgreSQL is there but does not serve it: every answer says what is known, readiness says why, and all goes on by itself.</summary>
public sealed class PostgresFaultSpec : IAsyncLifetime
{
    private const string ConfigMaps = "/api/v1/namespaces/default/configmaps";
    private static readonly TimeSpan Bound = TimeSpan.FromSeconds(60);
    private readonly PostgresServer _server = new(maxConnections: 25);
    private string _journal = "";
    private NodeProcess _node = null!;

    public async Task InitializeAsync()
    {
        _journal = _server.NewDatabase();
        _node = await NodeProcess.StartAsync(new NodeSettings(SimulatedNodes: 1, Options: ["--journal", _journal]));
        await WriteAsync("before");
    }

    public async Task DisposeAsync()
    {
        await _node.DisposeAsync();
        _server.Dispose();
    }

    [Fact]
    public async Task It_is_away()
    {
        _server.Crash();
        await NotReadyAsync("the journal's database cannot be reached");
        await RefusedAsync("away", HttpStatusCode.ServiceUnavailable);
        _server.Restart();
        await ReadyAgainAsync();
    }

    [Fact]
    public async Task It_is_read_only()
    {
        var database = new NpgsqlConnectionStringBuilder(_journal).Database!;
        await DoAsync($"ALTER DATABASE {database} SET default_transaction_read_only = on", EndSessions);
        await RefusedAsync("read-only", HttpStatusCode.ServiceUnavailable);
        await NotReadyAsync("read-only transaction");
        Assert.Equal("before", (string?)(await _node.AskAsync(HttpMethod.Get, $"{ConfigMaps}/before"))["metadata"]!["name"]);
        await DoAsync("SET default_transaction_read_only = off", $"ALTER DATABASE {database} RESET default_transaction_read_only", EndSessions);
        await ReadyAgainAsync();
        await AbsentAsync("read-only");
    }

    [Fact]
    public async Task It_has_no_connection_left()
    {
        var taken = new List<NpgsqlConnection>();
        await Poll.UntilAsync(() => TakeAllAsync(taken), Bound, () => "the host has no connection");
        await NotReadyAsync("the journal's database cannot be reached");
        await RefusedAsync("crowded", HttpStatusCode.ServiceUnavailable);
        foreach (var connection in taken)
        {
            await connection.DisposeAsync();
        }

        await ReadyAgainAsync();
    }

    [Fact]
    public async Task It_is_slow()
    {
        await using (var connection = new NpgsqlConnection(_journal))
        {
            await connection.OpenAsync();
            await using var hold = new NpgsqlCommand("SELECT pg_advisory_lock(7100001)", connection);
            await hold.ExecuteNonQueryAsync();
            var write = WriteAsync("slow");
            await Task.Delay(TimeSpan.FromSeconds(3));
            Assert.False(write.IsCompleted);
            await using var release = new NpgsqlCommand("SELECT pg_advisory_unlock(7100001)", connection);
            await release.ExecuteNonQueryAsync();
            await write.WaitAsync(Bound);

            await hold.ExecuteNonQueryAsync();
            await RefusedAsync("too-slow", HttpStatusCode.ServiceUnavailable, HttpStatusCode.GatewayTimeout);
            await release.ExecuteNonQueryAsync();
        }

        await ReadyAgainAsync();
    }

    // Takes what is free, and what the host has; it may be faster, so that this is tried again.
    private async Task<bool> TakeAllAsync(List<NpgsqlConnection> taken)
    {
        var own = new NpgsqlConnectionStringBuilder(_journal) { Pooling = false, ApplicationName = "spec" }.ToString();
        try
        {
            while (true)
            {
                var connection = new NpgsqlConnection(own);
                await connection.OpenAsync();
                taken.Add(connection);
            }
        }
        catch (NpgsqlException)
        {
            // As many as there are.
        }

        await using var end = new NpgsqlCommand("SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity WHERE application_name <> 'spec' AND datname = current_database()", taken[0]);
        return (long)(await end.ExecuteScalarAsync())! == 0;
    }

    private static string EndSessions => "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE pid <> pg_backend_pid() AND datname = current_database()";

    private async Task DoAsync(params string[] statements)
    {
        var connection = new NpgsqlConnection(new NpgsqlConnectionStringBuilder(_journal) { Pooling = false }.ToString());
        await using (connection)
        {
            await connection.OpenAsync();
            foreach (var statement in statements)
            {
                await using var command = new NpgsqlCommand(statement, connection);
                await command.ExecuteNonQueryAsync();
            }
        }
    }

    private Task WriteAsync(string name) => _node.AskAsync(HttpMethod.Post, ConfigMaps, $$$"""{"metadata":{"name":"{{{name}}}"}}""");

    // 503 says that nothing was stored, 504 that it may be. Either way within the 15 s that a command may take, and 5 s for what surrounds it.
    private async Task RefusedAsync(string name, params HttpStatusCode[] codes)
    {
        var since = Stopwatch.GetTimestamp();
        var refusal = await Assert.ThrowsAsync<HttpRequestException>(() => WriteAsync(name));
        Assert.True(codes.Contains(refusal.StatusCode!.Value), refusal.Message);
        Assert.Contains(refusal.StatusCode == HttpStatusCode.ServiceUnavailable ? "nothing was stored" : "Read ", refusal.Message, StringComparison.Ordinal);
        Assert.InRange(Stopwatch.GetElapsedTime(since), TimeSpan.Zero, TimeSpan.FromSeconds(20));
    }

    private async Task NotReadyAsync(string reason)
    {
        var said = "";
        await Poll.UntilAsync(async () =>
        {
            using var ready = await _node.Anonymous.GetAsync(new Uri("/readyz", UriKind.Relative));
            said = await ready.Content.ReadAsStringAsync();
            return ready.StatusCode == HttpStatusCode.ServiceUnavailable && said.Contains(reason, StringComparison.Ordinal);
        }, Bound, () => $"readiness says {reason}; it said {said}");
    }

    private async Task ReadyAgainAsync()
    {
        await Poll.UntilAsync(async () =>
        {
            using var ready = await _node.Anonymous.GetAsync(new Uri("/readyz", UriKind.Relative));
            return ready.IsSuccessStatusCode;
        }, Bound, () => $"the host is ready again; it said {_node.Output}");
        await WriteAsync("after");
        var names = (await _node.AskAsync(HttpMethod.Get, ConfigMaps))["items"]!.AsArray().Select(o => (string)o!["metadata"]!["name"]!).ToList();
        Assert.Contains("before", names);
        Assert.Contains("after", names);
    }

    private async Task AbsentAsync(string name)
    {
        var names = (await _node.AskAsync(HttpMethod.Get, ConfigMaps))["items"]!.AsArray().Select(o => (string)o!["metadata"]!["name"]!);
        Assert.DoesNotContain(name, names);
    }
}
