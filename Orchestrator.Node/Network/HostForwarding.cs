namespace Orchestrator.Node.Network;

/// <summary>Lets the host forward packets of pods. The engine drops what is forwarded and not its own, in the tables of <c>iptables</c>, so they are let through there: after all other rules, so that
/// what the owner of the host forbids stays forbidden.</summary>
internal static class HostForwarding
{
    private const string Chain = "FORWARD";
    private const string Switch = "/proc/sys/net/ipv4/ip_forward";
    private const string SwitchOfIPv6 = "/proc/sys/net/ipv6/conf/all/forwarding";
    private const string Interfaces = "/proc/sys/net/ipv6/conf";
    private static readonly string[] Tools = ["iptables", "ip6tables"];
    private static readonly string[] Directions = ["-i", "-o"];

    /// <summary>Lets packets of a node's pods through.</summary>
    /// <param name="names">Names of the node.</param>
    /// <param name="hasIPv6">Whether pods have addresses of IPv6.</param>
    /// <param name="cancellation">Cancels the call.</param>
    public static async Task AllowAsync(NetworkNames names, bool hasIPv6, CancellationToken cancellation)
    {
        await TurnOnAsync(Switch, cancellation).ConfigureAwait(false);
        if (hasIPv6)
        {
            await KeepRoutersAsync(cancellation).ConfigureAwait(false);
            await TurnOnAsync(SwitchOfIPv6, cancellation).ConfigureAwait(false);
        }

        foreach (var tool in Tools.Take(hasIPv6 ? 2 : 1))
        {
            var present = await PresentAsync(tool, cancellation).ConfigureAwait(false);
            foreach (var rule in Directions.Select(d => Rule(names, d)).Where(r => present?.Contains(Text(r)) == false))
            {
                await HostTool.RunAsync(tool, ["-w", "-A", .. rule], "", cancellation).ConfigureAwait(false);
            }
        }
    }

    /// <summary>Undoes it, but for the switches of the host, which others may need.</summary>
    public static async Task ForbidAsync(NetworkNames names, CancellationToken cancellation)
    {
        foreach (var tool in Tools)
        {
            var present = await PresentAsync(tool, cancellation).ConfigureAwait(false) ?? [];
            foreach (var rule in Directions.Select(d => Rule(names, d)).SelectMany(r => Enumerable.Repeat(r, present.Count(p => p == Text(r)))))
            {
                await HostTool.RunAsync(tool, ["-w", "-D", .. rule], "", cancellation).ConfigureAwait(false);
            }
        }
    }

    /// <summary>Believes nothing that is said over an interface of the ways of the host.</summary>
    public static async Task DistrustAsync(string name, CancellationToken cancellation)
    {
        foreach (var file in ((string[])["accept_ra", "accept_redirects"]).Select(p => Path.Combine(Interfaces, name, p)).Where(File.Exists))
        {
            await File.WriteAllTextAsync(file, "0", cancellation).ConfigureAwait(false);
        }
    }

    private static async Task TurnOnAsync(string file, CancellationToken cancellation)
    {
        if ((await File.ReadAllTextAsync(file, cancellation).ConfigureAwait(false)).Trim() != "1")
        {
            await File.WriteAllTextAsync(file, "1", cancellation).ConfigureAwait(false);
        }
    }

    // A host that forwards does not heed routers any more (accept_ra 1), and would lose its own way out if it has it from one; 2 is to heed them all the same (Linux, ip-sysctl).
    private static async Task KeepRoutersAsync(CancellationToken cancellation)
    {
        // Not of interfaces that are made later, such as those of pods.
        foreach (var file in Directory.EnumerateDirectories(Interfaces).Where(d => Path.GetFileName(d) is not ("all" or "default")).Select(d => Path.Combine(d, "accept_ra")).Where(File.Exists))
        {
            try
            {
                if ((await File.ReadAllTextAsync(file, cancellation).ConfigureAwait(false)).Trim() == "1" && await IsForwardingAsync(Path.GetDirectoryName(file)!, cancellation).ConfigureAwait(false) == false)
                {
                    await File.WriteAllTextAsync(file, "2", cancellation).ConfigureAwait(false);
                }
            }
            catch (IOException)
            {
                // An interface that is gone by now.
            }
        }
    }

    private static async Task<bool> IsForwardingAsync(string folder, CancellationToken cancellation) => (await File.ReadAllTextAsync(Path.Combine(folder, "forwarding"), cancellation).ConfigureAwait(false)).Trim() == "1";

    private static string[] Rule(NetworkNames names, string direction) => [Chain, direction, $"{names.Prefix}+", "-j", "ACCEPT"];

    private static string Text(string[] rule) => $"-A {string.Join(' ', rule)}";

    // Null on a host without the tool, whose engine cannot drop anything.
    private static async Task<string[]?> PresentAsync(string tool, CancellationToken cancellation) =>
        HostTool.Find(tool) is null ? null : (await HostTool.RunAsync(tool, ["-w", "-S", Chain], "", cancellation).ConfigureAwait(false)).Split('\n', StringSplitOptions.TrimEntries);
}
