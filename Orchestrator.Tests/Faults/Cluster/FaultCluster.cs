using System.Text.Json.Nodes;
using Orchestrator.Tests.Kit;

namespace Orchestrator.Tests.Faults.Cluster;

/// <summary>The hosts that faults are done to, with all that they need, in one folder.</summary>
internal sealed class FaultCluster : IAsyncDisposable
{
    /// <summary>Namespace of all objects that clients write.</summary>
    public const string Space = "faults";

    private static readonly TimeSpan ReadyBound = TimeSpan.FromSeconds(150);
    private readonly List<ControlHost> _hosts = [];
    private int _probes;

    private FaultCluster(RunFolder folder) => Folder = folder;

    public RunFolder Folder { get; }

    public IReadOnlyList<ControlHost> Hosts => _hosts;

    /// <summary>The disk of the journal; null if nothing can be mounted.</summary>
    public TestDisk? Disk { get; private set; }

    public static async Task<FaultCluster> StartAsync(FaultOptions options, RunFolder folder)
    {
        var cluster = new FaultCluster(folder);
        try
        {
            await cluster.StartSingleAsync();
            await cluster.Hosts[0].Api.SendAsync(HttpMethod.Post, "/api/v1/namespaces", new JsonObject { ["metadata"] = new JsonObject { ["name"] = Space } });
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
    public async Task RecoverAsync()
    {
        foreach (var host in _hosts)
        {
            await Poll.UntilAsync(async () =>
            {
                if (!host.IsRunning)
                {
                    host.Start();
                }

                return (await host.Api.GetAsync("/readyz")).Status == 200 && (await ProbeAsync(host)).IsSuccess;
            }, ReadyBound, () => $"{host.Name} is ready and stores a write");
        }
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        foreach (var host in _hosts)
        {
            host.Dispose();
        }

        if (Disk is not null)
        {
            await Disk.DisposeAsync();
        }
    }

    private async Task StartSingleAsync()
    {
        Disk = Environment.IsPrivilegedProcess ? await TestDisk.MountAsync(Path.Combine(Folder.Path, "disk")) : null;
        var journal = Path.Combine(Disk?.Path ?? Folder.Path, "journal.db");
        var host = new ControlHost(new HostSettings("h1", Folder, FreePort.Address(), ["--runtime", "simulated", "--simulated-nodes", "3", "--journal", journal], []));
        _hosts.Add(host);
        host.Start();
        await host.WaitReadyAsync(ReadyBound);
    }

    private Task<Answer> ProbeAsync(ControlHost host)
    {
        var probe = new JsonObject { ["metadata"] = new JsonObject { ["name"] = $"probe-{Interlocked.Increment(ref _probes)}" } };
        return host.Api.SendAsync(HttpMethod.Post, "/api/v1/namespaces/default/configmaps", probe);
    }
}
