using System.Collections.Concurrent;
using System.Diagnostics;
using System.Net;
using Orchestrator.Actors.Feed;
using Orchestrator.Actors.Journal;
using Orchestrator.Actors.Kinds.ConfigMaps;
using Orchestrator.Tests.Kit;
using Orchestrator.Actors.Kinds.Pods;

namespace Orchestrator.Tests.Journal;

/// <summary>A PostgreSQL that ends in the middle of writes and comes back.</summary>
public class PostgresCrashSpec(Xunit.Abstractions.ITestOutputHelper log)
{
    private static readonly TimeSpan Bound = TimeSpan.FromSeconds(60);

    [Fact]
    public async Task Two_writers_lose_nothing_acknowledged_and_go_on_by_themselves()
    {
        using var server = new PostgresServer();
        var journal = server.NewDatabase();
        var sinks = new[] { new RecordingSink(), new RecordingSink() };
        using var table = new JournalTable(journal);
        var writers = sinks.Select(s => new JournalWriter(new JournalTable(journal), s) { RetryTimeout = TimeSpan.FromSeconds(1) }).ToArray();
        var acknowledged = new ConcurrentDictionary<(string, long), long>();
        var faults = new ConcurrentBag<(Exception Error, TimeSpan After)>();
        using var stop = new CancellationTokenSource();
        var work = Enumerable.Range(0, 16).Select(n => Task.Run(() => WriteAsync(writers[n % 2], table, $"pods/default/p{n}", acknowledged, faults, stop.Token))).ToArray();

        for (var crash = 0; crash < 4; crash++)
        {
            var before = acknowledged.Count;
            await Poll.UntilAsync(() => Task.FromResult(acknowledged.Count > before + 200), Bound, () => $"writes go on after crash {crash}");
            server.Crash();
            var known = faults.Count;
            if (crash % 2 == 1)
            {
                await Poll.UntilAsync(() => Task.FromResult(faults.Count > known), Bound, () => "somebody is told");
            }

            server.Restart();
        }

        var last = acknowledged.Count;
        await Poll.UntilAsync(() => Task.FromResult(acknowledged.Count > last + 200), Bound, () => "writes go on after the last crash");
        await stop.CancelAsync();
        await Task.WhenAll(work).WaitAsync(Bound);
        var head = table.Head();
        await Task.WhenAll(sinks.Select(s => s.ReachedAsync(head))).WaitAsync(Bound);

        var stored = table.ReadAfter(0, 1_000_000).Select(c => (c.Event.Revision, c.PersistenceId, c.SequenceNr)).ToList();
        var byPlace = stored.ToDictionary(s => (s.PersistenceId, s.SequenceNr), s => s.Revision);
        Assert.All(acknowledged, a => Assert.Equal(a.Value, byPlace[a.Key]));
        Assert.All(sinks, sink => Assert.Equal(stored, sink.Items.Select(c => (c.Event.Revision, c.PersistenceId, c.SequenceNr))));
        Assert.All(faults, f => Assert.True(f.Error is JournalUnavailableException or JournalOutcomeUnknownException, $"{f.Error}"));
        Assert.All(faults, f => Assert.InRange(f.After, TimeSpan.Zero, TimeSpan.FromSeconds(12)));
        foreach (var writer in writers)
        {
            await writer.DisposeAsync();
        }
    }

    [Fact]
    public async Task A_host_answers_within_bounds_and_works_again_without_a_restart()
    {
        using var server = new PostgresServer();
        await using var node = await NodeProcess.StartAsync(new NodeSettings("simulated", 2, ["--journal", server.NewDatabase()]));
        var kept = new ConcurrentBag<string>();
        var refused = new ConcurrentBag<(int Code, TimeSpan After, string Message)>();
        using var stop = new CancellationTokenSource();
        var work = Enumerable.Range(0, 4).Select(n => Task.Run(() => CreateAsync(node, $"w{n}", kept, refused, stop.Token))).ToArray();
        await Poll.UntilAsync(() => Task.FromResult(kept.Count > 50), Bound, () => "objects are made");
        server.Crash();
        await Poll.UntilAsync(() => Task.FromResult(refused.Count > 3), Bound, () => "clients are told");
        server.Restart();
        var before = kept.Count;
        await Poll.UntilAsync(() => Task.FromResult(kept.Count > before + 50), Bound, () => $"objects are made again; the node said {node.Output}");
        await stop.CancelAsync();
        await Task.WhenAll(work).WaitAsync(Bound);

        Assert.All(refused, r => Assert.True(r.Code is 503 or 504 && r.After < TimeSpan.FromSeconds(20), $"{r}"));
        var list = await node.AskAsync(HttpMethod.Get, "/api/v1/namespaces/default/configmaps");
        var listed = list["items"]!.AsArray().Select(o => (string)o!["metadata"]!["name"]!).ToHashSet();
        Assert.All(kept, name => Assert.Contains(name, listed));
    }

    [Fact]
    public async Task A_list_holds_what_another_host_has_acknowledged()
    {
        var journal = PostgresServer.Database();
        using var table = new JournalTable(journal);
        await using var cache = new ObjectCache();
        cache.ReadCurrentRevisionFrom(() => Task.Run(table.Head));
        await using var listener = new JournalWriter(table, cache);
        using (var replay = table.OpenReplay())
        {
            await cache.StartAsync(replay.EventsAsync(CancellationToken.None), CancellationToken.None);
        }

        await using var other = new JournalWriter(new JournalTable(journal), null);
        for (var n = 1; n <= 100; n++)
        {
            var id = $"configmaps/default/m{n}";
            await other.AppendAsync([JournalEntry.Of(new Committed(id, 1, new ObjectEvent("configmap.created.1", DateTimeOffset.UnixEpoch, "x", 0, ConfigMapHistory.Created(id, n))))]);
            var list = await cache.SnapshotAsync(ConfigMapDefinition.Instance, CancellationToken.None).WaitAsync(Bound);
            Assert.Equal(n, list.Objects.Count);
        }
    }

    [Fact]
    public async Task Of_two_control_hosts_each_lists_what_the_other_has_acknowledged()
    {
        var journal = PostgresServer.Database();
        await using var first = await NodeProcess.StartAsync(new NodeSettings("simulated", 1, ["--journal", journal]));
        await using var second = await NodeProcess.StartAsync(new NodeSettings("simulated", 1, ["--journal", journal, "--seed-nodes", first.ClusterAddress, "--join", first.Join("control")]));
        NodeProcess[] hosts = [first, second];
        for (var n = 1; n <= 60; n++)
        {
            await hosts[n % 2].AskAsync(HttpMethod.Post, "/api/v1/namespaces/default/configmaps", $$$"""{"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"c{{{n}}}"} }""");
            var list = await hosts[(n + 1) % 2].AskAsync(HttpMethod.Get, "/api/v1/namespaces/default/configmaps");
            Assert.Equal(n, list["items"]!.AsArray().Count(o => (string?)o!["metadata"]!["name"] != PodAccount.RootCertificates));
        }
    }

    [Fact]
    public async Task Of_three_control_hosts_one_can_be_killed()
    {
        var journal = PostgresServer.Database();
        await using var first = await NodeProcess.StartAsync(new NodeSettings("simulated", 1, ["--journal", journal, "--roles", "control"]));
        string[] joining = ["--journal", journal, "--roles", "control", "--seed-nodes", first.ClusterAddress, "--join", first.Join("control")];
        await using var second = await NodeProcess.StartAsync(new NodeSettings("simulated", 1, joining));
        await using var third = await NodeProcess.StartAsync(new NodeSettings("simulated", 1, joining));
        var kept = new ConcurrentBag<string>();
        var refused = new ConcurrentBag<(int Code, TimeSpan After, string Message)>();
        using var stop = new CancellationTokenSource();
        NodeProcess[] left = [second, third];
        var work = Enumerable.Range(0, 6).Select(n => Task.Run(() => CreateAsync(left[n % 2], $"w{n}", kept, refused, stop.Token))).ToArray();
        await Poll.UntilAsync(() => Task.FromResult(kept.Count > 100), Bound, () => "objects are made");

        // The oldest: coordinator of the shards, home of the singletons.
        await first.KillAsync();
        await Poll.UntilAsync(() => Task.FromResult(!refused.IsEmpty), Bound, () => "somebody is told");
        var clock = Stopwatch.StartNew();
        var before = (kept.Count, refused.Count);
        await Poll.UntilAsync(() =>
        {
            // All shards have a home again when many objects in a row are made without a refusal.
            before = refused.Count == before.Item2 ? before : (kept.Count, refused.Count);
            return Task.FromResult(kept.Count > before.Item1 + 300);
        }, TimeSpan.FromSeconds(120), () => $"objects are made again; the hosts said {second.Output}{third.Output}");
        log.WriteLine($"All shards were back {clock.Elapsed.TotalSeconds:0} s after the first refusal; {refused.Count} refusals.");
        await stop.CancelAsync();
        await Task.WhenAll(work).WaitAsync(Bound);

        Assert.All(refused, r => Assert.True(r.Code is 503 or 504 && r.After < TimeSpan.FromSeconds(20), $"{r}"));
        foreach (var host in left)
        {
            var list = await host.AskAsync(HttpMethod.Get, "/api/v1/namespaces/default/configmaps");
            var listed = list["items"]!.AsArray().Select(o => (string)o!["metadata"]!["name"]!).ToHashSet();
            Assert.All(kept, name => Assert.Contains(name, listed));
        }
    }

    [Fact]
    public void A_server_of_the_kit_leaves_nothing_behind()
    {
        var server = new PostgresServer();
        Assert.True(Directory.Exists(server.DataDir));
        server.Crash();
        server.Restart();
        server.Dispose();
        Assert.False(Directory.Exists(server.DataDir));
    }

    // As an entity does: after a failure it reads where it is.
    private static async Task WriteAsync(JournalWriter writer, JournalTable table, string id, ConcurrentDictionary<(string, long), long> acknowledged,
        ConcurrentBag<(Exception, TimeSpan)> faults, CancellationToken stop)
    {
        var nr = 0L;
        while (!stop.IsCancellationRequested)
        {
            var begun = Stopwatch.GetTimestamp();
            try
            {
                var entries = JournalContract.Entries(id, nr + 1, 2);
                await writer.AppendAsync(entries).WaitAsync(Bound, CancellationToken.None);
                nr += 2;
                acknowledged[(id, nr)] = entries[1].Item.Event.Revision;
            }
            catch (Exception e)
            {
                faults.Add((e, Stopwatch.GetElapsedTime(begun)));
                await Poll.UntilAsync(() => Task.FromResult(Reads(() => nr = table.HighestSequenceNr(id))), Bound, () => "the database is back");
            }
        }
    }

    private static bool Reads(Action read)
    {
        try
        {
            read();
            return true;
        }
        catch (Npgsql.NpgsqlException)
        {
            return false; // Not back yet.
        }
    }

    private static async Task CreateAsync(NodeProcess node, string prefix, ConcurrentBag<string> kept, ConcurrentBag<(int, TimeSpan, string)> refused, CancellationToken stop)
    {
        for (var n = 0; !stop.IsCancellationRequested; n++)
        {
            var begun = Stopwatch.GetTimestamp();
            try
            {
                await node.AskAsync(HttpMethod.Post, "/api/v1/namespaces/default/configmaps",
                    $$$"""{"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"{{{prefix}}}-{{{n}}}"} }""");
                kept.Add($"{prefix}-{n}");
            }
            catch (HttpRequestException e)
            {
                refused.Add(((int)(e.StatusCode ?? HttpStatusCode.Unused), Stopwatch.GetElapsedTime(begun), e.Message));
            }
        }
    }
}
