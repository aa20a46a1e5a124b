using System.Text.Json.Nodes;
using Microsoft.Data.Sqlite;

namespace Orchestrator.Benchmarks;

internal sealed class GrowthBenchmark : IBenchmark
{
    private const int Pods = 100;
    private const int Rollouts = 10;
    private static readonly TimeSpan Bound = TimeSpan.FromMinutes(2);

    public string Name => "growth";

    public string What => $"how a SQLite journal grows with {Pods} pods on 10 simulated nodes, at rest over 60 s (10 min with --long) and by rollouts";

    public async Task<IReadOnlyList<Figure>> RunAsync(BenchmarkRun run, CancellationToken cancellation)
    {
        await using var host = await HostProcess.StartAsync("--runtime simulated --simulated-nodes 10", null, cancellation);
        await using var follower = await PodFollower.StartAsync(host.Api, cancellation);
        var up = follower.WaitAsync(f => f.Ready >= Pods, Bound, cancellation);
        await host.Api.PostAsync(Samples.Deployments, Samples.Deployment("web", Pods), cancellation);
        await up;
        await Task.Delay(TimeSpan.FromSeconds(5), cancellation);

        run.Tell("at rest");
        var span = TimeSpan.FromSeconds(run.IsLong ? 600 : 60);
        var before = Size(host);
        await Task.Delay(span, cancellation);
        var rest = Size(host) - before;

        before = Size(host);
        for (var i = 1; i <= Rollouts; i++)
        {
            run.Tell($"rollout {i}");
            var image = $"orchestrator/sample:r{i}";
            var rolled = follower.WaitAsync(f => f.Count == Pods && f.ReadyWith(image) == Pods, Bound, cancellation);
            await host.Api.PatchAsync($"{Samples.Deployments}/web", new JsonObject
            {
                ["spec"] = new JsonObject { ["template"] = new JsonObject { ["spec"] = new JsonObject { ["containers"] = new JsonArray(new JsonObject { ["name"] = "web", ["image"] = image }) } } },
            }, cancellation);
            await rolled;
        }

        await Task.Delay(TimeSpan.FromSeconds(2), cancellation);
        var rolling = Size(host) - before;
        var perDay = TimeSpan.FromDays(1) / span;
        var restPerDay = rest.Bytes * perDay / 1e6;
        var hourlyPerDay = restPerDay + (24.0 * rolling.Bytes / Rollouts / 1e6);
        return
        [
            new($"{Pods} pods at rest: events", rest.Events / span.TotalMinutes, "/min"),
            new($"{Pods} pods at rest: growth", restPerDay, "MB/day"),
            new($"rollout of {Pods} pods: events", (double)rolling.Events / Rollouts, ""),
            new($"rollout of {Pods} pods: growth", rolling.Bytes / 1e6 / Rollouts, "MB"),
            new($"an event on disk, with indexes and snapshots", (double)rolling.Bytes / rolling.Events, "bytes"),
            new($"{Pods} pods, a rollout an hour: growth", hourlyPerDay, "MB/day"),
            new($"{Pods} pods, a rollout an hour: file after 30 days", hourlyPerDay * 30 / 1000, "GB"),
        ];
    }

    // Pages in use once the log is written back.
    private static Journal Size(HostProcess host)
    {
        using var connection = new SqliteConnection($"Data Source={Path.Combine(host.DataDir, "journal.db")}");
        connection.Open();
        using var command = connection.CreateCommand();
        command.CommandText = "PRAGMA wal_checkpoint(PASSIVE)";
        command.ExecuteNonQuery();
        command.CommandText = "SELECT (p.page_count - f.freelist_count) * s.page_size, (SELECT COUNT(*) FROM journal) FROM pragma_page_count AS p, pragma_freelist_count AS f, pragma_page_size AS s";
        using var reader = command.ExecuteReader();
        reader.Read();
        return new Journal(reader.GetInt64(0), reader.GetInt64(1));
    }

    private readonly record struct Journal(long Bytes, long Events)
    {
        public static Journal operator -(Journal a, Journal b) => new(a.Bytes - b.Bytes, a.Events - b.Events);
    }
}
