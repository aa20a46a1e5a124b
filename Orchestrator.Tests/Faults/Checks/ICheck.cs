namespace Orchestrator.Tests.Faults.Checks;

/// <summary>Something that must not have happened.</summary>
/// <param name="Message">What happened instead, in one sentence.</param>
/// <param name="Name">The object whose history led to it; null if it is about none.</param>
/// <param name="Watcher">The watcher whose history led to it; null if it is about none.</param>
/// <param name="At">When it was noticed, since the start of the run; null for the end.</param>
internal sealed record Violation(string Message, string? Name = null, string? Watcher = null, TimeSpan? At = null);

/// <summary>How often a promise was looked at, and when it was broken.</summary>
internal sealed record CheckResult(string Promise, int Tries, IReadOnlyList<Violation> Violations);

/// <summary>One promise of the product, as a pure function of what was seen.</summary>
internal interface ICheck
{
    CheckResult Run(Evidence evidence);
}

/// <summary>All checks, in the order of the table.</summary>
internal static class AllChecks
{
    public static IReadOnlyList<ICheck> List { get; } =
    [
        new WritesCheck(), new OnceCheck(), new CountersCheck(), new RevisionsCheck(), new ReadsCheck(), new WatchesCheck(), new FoldsCheck(), new ReplicasCheck(),
        new AnswersCheck(), new RecoveryCheck(), new EndCheck(), new LeftoversCheck(),
    ];

    public static IReadOnlyList<CheckResult> Run(Evidence evidence) => [.. List.Select(c => c.Run(evidence))];
}
