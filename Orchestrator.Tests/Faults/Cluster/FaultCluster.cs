using System.Net;
using System.Text.Json.Nodes;
using Orchestrator.Tests.Kit;

namespace Orchestrator.Tests.Faults.Cluster;

/// <summary>The hosts that faults are done to, with all that they need: one host on SQLite, or three on PostgreSQL.</summary>
internal sealed class FaultCluster : IAsyncDisposable
{
    /// <summary>Namespace of all objects that clients write.</summary>
    public const string Space = "faults";

    /// <summary>Image of the pods of <see cref="Space"/>.</summary>
    public const string Image = "orchestrator/sample:1";

    private static readonly TimeSpan ReadyBound = TimeSpan.FromSeconds(150);
    private readonly List<ControlHost> _hosts = [];
    private readonly RunFolder _folder;
    private readonly bool _hasClocks;
    private int _probes;

    private FaultCluster(RunFolder folder, bool hasClocks) => (_folder, _hasClocks) = (folder, hasClocks);

    public IReadOnlyList<ControlHost> Hosts => _hosts;

    /// <summary>The SQLite file; empty on PostgreSQL.</summary>
    public string Journal { get; private set; } = "";

    /// <summary>The disk of the SQLite file; null on PostgreSQL, or if nothing can be mounted.</summary>
    public TestDisk? Disk { get; private set; }

    /// <summary>Null on SQLite.</summary>
    public PostgresServer? Postgres { get; private set; }

    /// <summary>The network of several hosts; null if they are on loopback.</summary>
    public TestNetwork? Network { get; private set; }

    /// <summary>The engine of the pods; null if they are simulated.</summary>
    public DockerEngine? Engine { get; private set; }

    /// <summary>Folders beside that of the run, which go with the cluster.</summary>
    public IReadOnlyList<string> Folders => [.. ((string?[])[Postgres?.DataDir, Path.GetDirectoryName(Engine?.Socket)]).OfType<string>()];

    public static async Task<FaultCluster> StartAsync(FaultOptions options, RunFolder folder)
    {
        var cluster = new FaultCluster(folder, TestClock.Library is not null && (options.Faults.Count == 0 || options.Faults.Contains("clock")));
        try
        {
            await (options.Hosts == 1 ? cluster.StartOneAsync(options.Faults.Contains("docker")) : cluster.StartSeveralAsync(options.Hosts));
            await cluster.Hosts[0].Api.SendAsync(HttpMethod.Post, "/api/v1/namespaces", Named(Space));
            return cluster;
        }
        catch
        {
            await cluster.DisposeAsync();
            throw;
        }
    }

    /// <summary>Any of the hosts.</summary>
    public ControlHost Any(Random random) => _hosts[random.Next(_hosts.Count)];

    /// <summary>Starts the hosts that do not run, as a service manager would, and waits until each is ready and stores a write.</summary>
    public Task RecoverAsync() => Poll.UntilAsync(async () =>
    {
        foreach (var host in _hosts.Where(h => !h.IsRunning))
        {
            host.Start();
        }

        return (await Task.WhenAll(_hosts.Select(IsWellAsync))).All(w => w);
    }, ReadyBound, () => "every host is ready and stores a write");

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        foreach (var host in _hosts)
        {
            host.Dispose();
        }

        Postgres?.Dispose();
        foreach (var part in (IAsyncDisposable?[])[Engine, Network, Disk])
        {
            await (part?.DisposeAsync() ?? ValueTask.CompletedTask);
        }
    }

    private async Task StartOneAsync(bool hasEngine)
    {
        Disk = Environment.IsPrivilegedProcess ? await TestDisk.MountAsync(Path.Combine(_folder.Path, "disk")) : null;
        Journal = Path.Combine(Disk?.Path ?? _folder.Path, "journal.db");
        if (hasEngine)
        {
            Engine = new DockerEngine(livesOn: true);
            await Engine.StartAsync(Image);
        }

        string[] runtime = Engine is null ? ["--runtime", "simulated", "--simulated-nodes", "3"] : ["--runtime", "docker", "--docker-host", Engine.Host];
        await AddAsync("h1", FreePort.Address(), [.. runtime, "--journal", Journal], []);
    }

    private async Task StartSeveralAsync(int count)
    {
        Network = Apart.IsHere ? await TestNetwork.CreateAsync(Path.Combine(_folder.Path, "net"), count) : null;
        Postgres = new PostgresServer(address: Network is null ? "127.0.0.1" : TestNetwork.Own);
        IPEndPoint At(int host, int port) => Network is null ? FreePort.Address() : new IPEndPoint(IPAddress.Parse(TestNetwork.AddressOf(host)), port);
        var addresses = Enumerable.Range(0, count).Select(i => At(i, 7400).ToString()).ToArray();
        string[] shared = ["--journal", Postgres.NewDatabase(), "--seed-nodes", string.Join(',', addresses), "--runtime", "simulated", "--simulated-nodes", "2"];
        for (var i = 0; i < count; i++)
        {
            // The first seed node forms the cluster, and joins the others when it comes back.
            string[] join = i == 0 ? [] : ["--join", Path.Combine(_hosts[0].DataDir, "pki", "control.join")];
            await AddAsync($"h{i + 1}", At(i, 6443), [.. shared, "--cluster-address", addresses[i], .. join], Network?.Prefix(i) ?? []);
        }
    }

    private async Task AddAsync(string name, IPEndPoint address, IReadOnlyList<string> options, IReadOnlyList<string> prefix)
    {
        var clock = _hasClocks ? new TestClock(Path.Combine(_folder.Path, name + ".clock")) : null;
        clock?.Set(TimeSpan.Zero);
        var host = new ControlHost(new HostSettings(name, _folder, address, options, prefix) { Clock = clock });
        _hosts.Add(host);
        host.Start();
        await host.WaitReadyAsync(ReadyBound);
    }

    /// <summary>Whether a host is ready and stores a write.</summary>
    public async Task<bool> IsWellAsync(ControlHost host) => (await host.Api.GetAsync("/readyz")).Status == 200
        && (await host.Api.SendAsync(HttpMethod.Post, "/api/v1/namespaces/default/configmaps", Named($"probe-{Interlocked.Increment(ref _probes)}"))).IsSuccess;

    private static JsonObject Named(string name) => new() { ["metadata"] = new JsonObject { ["name"] = name } };
}
