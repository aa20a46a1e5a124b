using System.Text.Json.Nodes;
using Orchestrator.Tests.Faults.Checks;
using Orchestrator.Tests.Faults.Cluster;
using Orchestrator.Tests.Faults.Injection;
using Orchestrator.Tests.Faults.Workload;
using Orchestrator.Tests.Kit;

namespace Orchestrator.Tests.Faults;

/// <summary>One run: hosts, clients, faults, an end without faults, checks.</summary>
internal sealed class FaultRun(FaultOptions options, TextWriter log)
{
    private const string Maps = $"/api/v1/namespaces/{FaultCluster.Space}/configmaps";
    private static readonly TimeSpan SettleBound = TimeSpan.FromSeconds(90);
    private static readonly TimeSpan Pace = TimeSpan.FromMilliseconds(40);
    private static readonly TimeSpan RolloutPace = TimeSpan.FromSeconds(8);

    private readonly History _history = new();
    private readonly List<string> _unmet = [];
    private int _randoms;

    /// <summary>Runs until the time is over or the token ends it, and removes everything.</summary>
    public async Task<(Evidence Evidence, IReadOnlyList<CheckResult> Checks)> RunAsync(CancellationToken cancellation)
    {
        var folder = new RunFolder();
        await log.WriteLineAsync($"{options.Hosts} host(s) in {folder.Path} for {options.Time.TotalMinutes:0.##} min, seed {options.Seed}");
        Evidence evidence;
        IReadOnlyList<string> folders;
        try
        {
            await using var cluster = await FaultCluster.StartAsync(options, folder);
            evidence = await RunAsync(cluster, cancellation);
            folders = cluster.Folders;
        }
        finally
        {
            folder.Delete(options.Keeps);
        }

        evidence = evidence with { Leftovers = folder.Leftovers(folders) };
        return (evidence, AllChecks.Run(evidence));
    }

    private async Task<Evidence> RunAsync(FaultCluster cluster, CancellationToken cancellation)
    {
        var faults = AllFaults.Choose(options.Faults, cluster);
        await log.WriteLineAsync($"faults: {string.Join(", ", faults.Select(f => f.Name))}");
        var counters = Enumerable.Range(0, 3).Select(i => new Counter($"counter{i}", cluster, _history, NextRandom())).ToList();
        await counters[0].CreateAsync();
        var rollout = new Rollout(cluster, NextRandom());
        await rollout.CreateAsync();
        List<Client> clients =
        [
            .. counters,
            .. Enumerable.Range(0, 3).Select(i => new Writer($"writer{i}", cluster, _history, NextRandom())),
            .. Enumerable.Range(0, 2).Select(i => new Reader($"reader{i}", cluster, _history, NextRandom())),
        ];
        List<Watcher> watchers = [.. Watches().Select(w => new Watcher(w, cluster, _history, NextRandom()))];

        using var time = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        using var watching = new CancellationTokenSource();
        using var working = new CancellationTokenSource();
        time.CancelAfter(options.Time);
        var watches = watchers.Select(w => w.RunAsync(watching.Token)).ToList();
        List<Task> work = [.. clients.Select(c => c.RunAsync(Pace, working.Token)), rollout.RunAsync(RolloutPace, working.Token)];
        await new Injector(faults, cluster, _history, NextRandom(), log).RunAsync(time.Token);
        await working.CancelAsync();
        await Task.WhenAll(work);
        var replicas = await EndAsync(cluster, watchers);
        await watching.CancelAsync();
        await Task.WhenAll(watches);
        return new Evidence
        {
            Operations = _history.Operations,
            Seen = _history.Seen,
            Tries = _history.Tries,
            Replicas = replicas,
            Selectors = watchers.ToDictionary(w => w.Settings.Name, w => w.Settings.Group),
            Unmet = _unmet,
        };
    }

    private static IEnumerable<WatchSettings> Watches() =>
    [
        new("plain0"), new("plain1"), new("group-a", Group: "a"), new("group-b", Group: "b"),
        new("resumed", Breaks: true), new("resumed-a", Group: "a", Breaks: true), new("bookmarks", TakesBookmarks: true), new("bookmarks-a", Group: "a", TakesBookmarks: true),
    ];

    // Clients of one seed differ, and a client is the same whatever the others do.
    private Random NextRandom() => new(unchecked((options.Seed * 1009) + _randoms++));

    // No faults and no clients any more: what was still under way is stored, told and shown.
    private async Task<IReadOnlyList<Replica>> EndAsync(FaultCluster cluster, IReadOnlyList<Watcher> watchers)
    {
        IReadOnlyList<Replica> replicas = [];
        await MetAsync(cluster.RecoverAsync(), "all hosts are ready in the end");
        await MetAsync(Poll.UntilAsync(async () =>
        {
            var lists = await Task.WhenAll(cluster.Hosts.Select(ReplicaAsync));
            replicas = lists.All(l => l is not null) ? [.. lists.Select(l => l!)] : [];
            return replicas.Count > 0 && watchers.All(w => w.Has(replicas[0].Objects))
                && replicas.All(r => Versions(r).SequenceEqual(Versions(replicas[0])));
        }, SettleBound, () => $"hosts and watchers have the same; without it: {string.Join(", ", watchers.Where(w => replicas.Count > 0 && !w.Has(replicas[0].Objects)).Select(w => w.Settings.Name))}"), "");
        foreach (var host in cluster.Hosts)
        {
            string? unmet = null;
            await MetAsync(Poll.UntilAsync(async () => (unmet = await Rollout.UnmetAsync(host)) is null, SettleBound, () => unmet!), "");
        }

        return replicas;
    }

    private async Task MetAsync(Task fact, string what)
    {
        try
        {
            await fact;
        }
        catch (Exception e) when (e is TimeoutException or InvalidOperationException)
        {
            _unmet.Add($"{what} {e.Message}".Trim());
        }
    }

    private static IEnumerable<(string, long)> Versions(Replica replica) => replica.Objects.Select(o => (o.Key, o.Value.Revision));

    private static async Task<Replica?> ReplicaAsync(ControlHost host)
    {
        var list = await host.Api.GetAsync(Maps);
        return list.IsSuccess ? new Replica(host.Name, list.Revision, list.Body!["items"]!.AsArray().ToDictionary(i => (string)i!["metadata"]!["name"]!, i => Stored(i!))) : null;
    }

    private static StoredObject Stored(JsonNode item) => new(
        long.Parse((string)item["metadata"]!["resourceVersion"]!),
        (string?)item["metadata"]!["labels"]?["group"],
        item["data"]?.AsObject().ToDictionary(d => d.Key, d => (string?)d.Value ?? "") ?? []);
}
