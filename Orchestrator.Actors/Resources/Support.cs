namespace Orchestrator.Actors.Resources;

/// <summary>Whether the cluster acts on objects of a kind, only stores them, or refuses them.</summary>
/// <param name="Warning">Warning for clients that write an object; null for none.</param>
/// <param name="Refusal">Reason for which writes are refused; null if they are allowed.</param>
public sealed record Support(string? Warning, string? Refusal)
{
    /// <summary>The cluster acts on objects of the kind.</summary>
    public static readonly Support Full = new(null, null);

    /// <summary>Objects are stored and served without further effect.</summary>
    public static readonly Support Stored = new("stored; not acted on yet", null);

    /// <summary>Writes are refused, because users rely on such objects for protection that is not implemented.</summary>
    /// <param name="why">What is missing, as the end of a sentence.</param>
    public static Support Refused(string why) => new(null, why);
}
