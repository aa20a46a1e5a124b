using Orchestrator.Tests.Kit;

namespace Orchestrator.Tests.Faults.Cluster;

/// <summary>A bridge, and a network namespace on it for each host. Needs root, and is made only where the program is apart from the machine's network.</summary>
internal sealed class TestNetwork : IAsyncDisposable
{
    /// <summary>The address of the program and of PostgreSQL.</summary>
    public const string Own = "10.99.0.1";

    private static readonly TimeSpan Bound = TimeSpan.FromSeconds(30);
    private readonly string _folder;
    private readonly List<int> _made = [];

    private TestNetwork(string folder) => _folder = folder;

    public static async Task<TestNetwork> CreateAsync(string folder, int hosts)
    {
        Directory.CreateDirectory(folder);
        var network = new TestNetwork(folder);
        await RunAsync("ip", "link", "add", "name", "faults", "type", "bridge");
        await RunAsync("ip", "addr", "add", Own + "/24", "dev", "faults");
        await RunAsync("ip", "link", "set", "faults", "up");
        for (var i = 0; i < hosts; i++)
        {
            await network.AddAsync(i);
        }

        return network;
    }

    public static string AddressOf(int host) => $"10.99.0.{11 + host}";

    /// <summary>What starts a program in the network of a host and becomes it.</summary>
    public IReadOnlyList<string> Prefix(int host) => ["nsenter", $"--net={File(host)}"];

    /// <summary>Filters the packets of a host with rules of nftables for the chains "in" and "out".</summary>
    public async Task FilterAsync(int host, string input, string output) => (await Command.RunAsync("nsenter", [$"--net={File(host)}", "nft", "-f", "-"], Bound, $$"""
        table ip faults {
          chain in { type filter hook input priority 0; {{input}}; }
          chain out { type filter hook output priority 0; {{output}}; }
        }
        """)).Succeeded();

    /// <summary>Bounds what a host sends.</summary>
    public Task SlowAsync(int host, string rate) => InAsync(host, "tc", "qdisc", "add", "dev", "eth0", "root", "tbf", "rate", rate, "burst", "16kb", "latency", "2s");

    /// <summary>Everything passes again.</summary>
    public async Task HealAsync(int host)
    {
        await InAsync(host, "nft", "flush", "ruleset");
        await Command.RunAsync("nsenter", [.. Prefix(host).Skip(1), "tc", "qdisc", "del", "dev", "eth0", "root"], Bound); // There may be none.
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        foreach (var host in _made)
        {
            await RunAsync("umount", File(host)); // The last that holds it: its link goes too.
        }

        await RunAsync("ip", "link", "del", "faults");
    }

    private async Task AddAsync(int host)
    {
        await System.IO.File.WriteAllTextAsync(File(host), "");
        await RunAsync("unshare", $"--net={File(host)}", "true");
        _made.Add(host);
        await RunAsync("ip", "link", "add", "name", $"host{host}", "type", "veth", "peer", "name", "eth0", "netns", File(host));
        await RunAsync("ip", "link", "set", $"host{host}", "master", "faults", "up");
        await InAsync(host, "ip", "addr", "add", AddressOf(host) + "/24", "dev", "eth0");
        await InAsync(host, "ip", "link", "set", "eth0", "up");
        await InAsync(host, "ip", "link", "set", "lo", "up");
    }

    private string File(int host) => Path.Combine(_folder, $"host{host}");

    private Task InAsync(int host, params string[] line) => RunAsync("nsenter", [$"--net={File(host)}", .. line]);

    private static async Task RunAsync(string program, params string[] arguments) => (await Command.RunAsync(program, arguments, Bound)).Succeeded();
}
