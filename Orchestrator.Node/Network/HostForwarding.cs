namespace Orchestrator.Node.Network;

/// <summary>Lets the host forward packets of pods. The engine drops what is forwarded and not its own, in the table of <c>iptables</c>, so they are let through there: after all other rules, so that
/// what the owner of the host forbids stays forbidden.</summary>
internal static class HostForwarding
{
    private const string Tool = "iptables";
    private const string Chain = "FORWARD";
    private const string Switch = "/proc/sys/net/ipv4/ip_forward";
    private static readonly string[] Directions = ["-i", "-o"];

    /// <summary>Lets packets of a node's pods through.</summary>
    public static async Task AllowAsync(NetworkNames names, CancellationToken cancellation)
    {
        if ((await File.ReadAllTextAsync(Switch, cancellation).ConfigureAwait(false)).Trim() != "1")
        {
            await File.WriteAllTextAsync(Switch, "1", cancellation).ConfigureAwait(false);
        }

        var present = await PresentAsync(cancellation).ConfigureAwait(false);
        foreach (var rule in Directions.Select(d => Rule(names, d)).Where(r => present?.Contains(Text(r)) == false))
        {
            await HostTool.RunAsync(Tool, ["-w", "-A", .. rule], "", cancellation).ConfigureAwait(false);
        }
    }

    /// <summary>Undoes it, but for the switch of the host, which others may need.</summary>
    public static async Task ForbidAsync(NetworkNames names, CancellationToken cancellation)
    {
        var present = await PresentAsync(cancellation).ConfigureAwait(false) ?? [];
        foreach (var rule in Directions.Select(d => Rule(names, d)).SelectMany(r => Enumerable.Repeat(r, present.Count(p => p == Text(r)))))
        {
            await HostTool.RunAsync(Tool, ["-w", "-D", .. rule], "", cancellation).ConfigureAwait(false);
        }
    }

    private static string[] Rule(NetworkNames names, string direction) => [Chain, direction, $"{names.Prefix}+", "-j", "ACCEPT"];

    private static string Text(string[] rule) => $"-A {string.Join(' ', rule)}";

    // Null on a host without the tool, whose engine cannot drop anything.
    private static async Task<string[]?> PresentAsync(CancellationToken cancellation) =>
        HostTool.Find(Tool) is null ? null : (await HostTool.RunAsync(Tool, ["-w", "-S", Chain], "", cancellation).ConfigureAwait(false)).Split('\n', StringSplitOptions.TrimEntries);
}
