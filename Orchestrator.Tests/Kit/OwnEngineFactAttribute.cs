namespace Orchestrator.Tests.Kit;

/// <summary>A test that starts its own engine; skipped without root.</summary>
internal sealed class OwnEngineFactAttribute : FactAttribute
{
    public OwnEngineFactAttribute() => Skip = OwnEngine.Obstacle;
}

/// <summary>A test with rows that starts its own engines; skipped without root.</summary>
internal sealed class OwnEngineTheoryAttribute : TheoryAttribute
{
    public OwnEngineTheoryAttribute() => Skip = OwnEngine.Obstacle;
}

/// <summary>Whether a test can start an engine.</summary>
internal static class OwnEngine
{
    /// <summary>Why it cannot; null if it can.</summary>
    public static string? Obstacle => !Environment.IsPrivilegedProcess ? "Not root: a Docker engine of the test's own cannot be started."
        : !(Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator).Append("/usr/sbin").Any(p => File.Exists(Path.Combine(p, "dockerd"))) ? "There is no dockerd to start an engine of the test's own."
        : null;
}
