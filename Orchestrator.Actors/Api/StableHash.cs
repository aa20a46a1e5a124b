namespace Orchestrator.Actors.Api;

/// <summary>A number for a text that is the same on all hosts and in all versions (FNV-1a, 32 bits).</summary>
internal static class StableHash
{
    /// <summary>The number.</summary>
    public static uint Of(string text)
    {
        var hash = 2166136261;
        foreach (var c in text)
        {
            hash = unchecked((hash ^ c) * 16777619);
        }

        return hash;
    }
}
