namespace Orchestrator.Tests.Faults.Checks;

/// <summary>Processes, mounts, network namespaces and files are gone.</summary>
internal sealed class LeftoversCheck : ICheck
{
    public CheckResult Run(Evidence evidence) => new("nothing is left behind", 1, [.. evidence.Leftovers.Select(l => new Violation($"left behind: {l}"))]);
}
