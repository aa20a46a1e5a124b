namespace Orchestrator.Node.Certificates;

/// <summary>Decides when a certificate is renewed.</summary>
internal static class Renewal
{
    /// <summary>Whether less than a third of its lifetime is left.</summary>
    public static bool IsDue(DateTimeOffset begin, DateTimeOffset end, DateTimeOffset now) => (end - now) * 3 < end - begin;
}
