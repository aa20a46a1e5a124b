namespace Orchestrator.Actors.Resources;

/// <summary>How far the cluster acts on objects of a kind.</summary>
/// <param name="Warning">What a writer is told; null when there is nothing to tell.</param>
/// <param name="Refusal">Why a write is refused; null when it is not.</param>
public sealed record Support(string? Warning, string? Refusal)
{
    /// <summary>What an object asks for happens.</summary>
    public static readonly Support Full = new(null, null);

    /// <summary>Objects are kept and shown, and nothing happens.</summary>
    public static readonly Support Stored = new("stored; not acted on yet", null);

    /// <summary>Writes are refused, because to keep an object that is not enforced would promise safety that there is not.</summary>
    /// <param name="why">What is missing, as the end of a sentence.</param>
    public static Support Refused(string why) => new(null, why);
}
