namespace Orchestrator.Tests.Kit;

/// <summary>A test that starts its own engine; skipped without root.</summary>
internal sealed class OwnEngineFactAttribute : FactAttribute
{
    public OwnEngineFactAttribute()
    {
        var programs = (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator).Append("/usr/sbin");
        Skip = !Environment.IsPrivilegedProcess ? "Not root: a Docker engine of the test's own cannot be started."
            : !programs.Any(p => File.Exists(Path.Combine(p, "dockerd"))) ? "There is no dockerd to start an engine of the test's own."
            : null;
    }
}
