namespace Orchestrator.Node.Network;

/// <summary>Lets the host forward packets of pods. The engine drops what is forwarded and not its own, in the table of <c>iptables</c>, so they are let through there.</summary>
internal static class HostForwarding
{
    private const string Tool = "iptables";
    private const string Switch = "/proc/sys/net/ipv4/ip_forward";

    /// <summary>Lets packets of a node's pods through.</summary>
    public static async Task AllowAsync(NetworkNames names, CancellationToken cancellation)
    {
        if ((await File.ReadAllTextAsync(Switch, cancellation).ConfigureAwait(false)).Trim() != "1")
        {
            await File.WriteAllTextAsync(Switch, "1", cancellation).ConfigureAwait(false);
        }

        foreach (var direction in Directions)
        {
            if (HostTool.Find(Tool) is not null && !await HasAsync(names, direction, cancellation).ConfigureAwait(false))
            {
                await HostTool.RunAsync(Tool, ["-w", "-I", .. Rule(names, direction)], "", cancellation).ConfigureAwait(false);
            }
        }
    }

    /// <summary>Undoes it, but for the switch of the host, which others may need.</summary>
    public static async Task ForbidAsync(NetworkNames names, CancellationToken cancellation)
    {
        foreach (var direction in Directions)
        {
            if (HostTool.Find(Tool) is not null && await HasAsync(names, direction, cancellation).ConfigureAwait(false))
            {
                await HostTool.RunAsync(Tool, ["-w", "-D", .. Rule(names, direction)], "", cancellation).ConfigureAwait(false);
            }
        }
    }

    private static string[] Directions => ["-i", "-o"];

    private static string[] Rule(NetworkNames names, string direction) => ["FORWARD", direction, $"{names.Prefix}+", "-j", "ACCEPT"];

    private static async Task<bool> HasAsync(NetworkNames names, string direction, CancellationToken cancellation)
    {
        try
        {
            await HostTool.RunAsync(Tool, ["-w", "-C", .. Rule(names, direction)], "", cancellation).ConfigureAwait(false);
            return true;
        }
        catch (NetworkException)
        {
            return false;
        }
    }
}
