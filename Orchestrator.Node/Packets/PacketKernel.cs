using Orchestrator.Node.Network;

namespace Orchestrator.Node.Packets;

/// <summary>The packet rules of a kernel, as <c>nft</c> changes and shows them.</summary>
/// <param name="ApplyAsync">Runs a transaction. A <see cref="NetworkException"/> says that it was refused, and changed nothing.</param>
/// <param name="HasAsync">Whether there is a table of that name.</param>
internal sealed record PacketKernel(Func<string, CancellationToken, Task> ApplyAsync, Func<string, CancellationToken, Task<bool>> HasAsync)
{
    /// <summary>Has these addresses for load balancers, and no others; null if it has none.</summary>
    public Func<NetworkNames, IReadOnlySet<string>, CancellationToken, Task>? HoldAsync { get; init; }

    /// <summary>Runs a transaction unless it is empty.</summary>
    public Task RunAsync(string text, CancellationToken cancellation) => text.Length == 0 ? Task.CompletedTask : ApplyAsync(text, cancellation);

    /// <summary>That of this host.</summary>
    public static readonly PacketKernel OfHost = new(HostTool.ApplyRulesAsync, async (table, cancellation) =>
        (await HostTool.RunAsync("nft", ["list", "tables", PacketTables.Family], "", cancellation).ConfigureAwait(false)).Split('\n').Contains($"table {PacketTables.Family} {table}"))
    {
        HoldAsync = HeldAddresses.HoldAsync,
    };
}
