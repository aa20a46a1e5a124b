namespace Orchestrator.Tests.Faults.Checks;

/// <summary>When the faults are over, everything settles: watchers reach the end, hosts agree, the Deployment is complete.</summary>
internal sealed class EndCheck : ICheck
{
    public CheckResult Run(Evidence evidence) => new("everything settles in the end", 1, [.. evidence.Unmet.Select(u => new Violation(u))]);
}
