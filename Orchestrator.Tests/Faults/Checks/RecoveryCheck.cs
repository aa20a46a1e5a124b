namespace Orchestrator.Tests.Faults.Checks;

/// <summary>After each fault every host is ready and stores writes again, without help besides its restart.</summary>
internal sealed class RecoveryCheck : ICheck
{
    public CheckResult Run(Evidence evidence) => new("every host recovers from every fault", evidence.Tries.Count,
        [.. evidence.Tries.Where(t => t.Problem is not null).Select(t => new Violation($"{t.Fault} of {t.Target}: {t.Problem}", At: t.Recovered))]);
}
