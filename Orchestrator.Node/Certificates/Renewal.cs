namespace Orchestrator.Node.Certificates;

/// <summary>When a certificate is replaced.</summary>
internal static class Renewal
{
    /// <summary>Whether less than a third of its life is left.</summary>
    public static bool IsDue(DateTimeOffset begin, DateTimeOffset end, DateTimeOffset now) => (end - now) * 3 < end - begin;
}
