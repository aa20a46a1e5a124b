namespace Orchestrator.Node.Packets;

/// <summary>The tables of packet rules of a node. Each is for packets of IPv4 and of IPv6.</summary>
internal static class PacketTables
{
    /// <summary>Their family, as <c>nft</c> calls it.</summary>
    public const string Family = "inet";

    // Agents before had tables for IPv4 alone, which would go on to hold.
    private static readonly string[] Families = [Family, "ip"];

    /// <summary>Lines for <c>nft</c> that remove a table. Each is declared first, so that the deletion finds it.</summary>
    /// <param name="name">Its name.</param>
    public static string Without(string name) => string.Concat(Families.Select(f => $"table {f} {name}\ndelete table {f} {name}\n"));
}
