namespace Orchestrator.Node.Network.Cni;

/// <summary>What a plugin is to do (CNI specification, section 2), and how long it may take.</summary>
/// <param name="Name">The word for it.</param>
/// <param name="Bound">After that it is ended.</param>
internal sealed record CniCommand(string Name, TimeSpan Bound)
{
    /// <summary>Gives a pod its network.</summary>
    public static readonly CniCommand Add = new("ADD", TimeSpan.FromSeconds(60));

    /// <summary>Takes it away.</summary>
    public static readonly CniCommand Delete = new("DEL", TimeSpan.FromSeconds(60));

    /// <summary>Says whether it is as it was made.</summary>
    public static readonly CniCommand Check = new("CHECK", TimeSpan.FromSeconds(30));

    /// <summary>Says whether pods can get one.</summary>
    public static readonly CniCommand Status = new("STATUS", TimeSpan.FromSeconds(10));

    /// <summary>Takes away what nobody has any more.</summary>
    public static readonly CniCommand Collect = new("GC", TimeSpan.FromSeconds(60));

    /// <summary>Says which versions of the specification it knows.</summary>
    public static readonly CniCommand Version = new("VERSION", TimeSpan.FromSeconds(10));
}
