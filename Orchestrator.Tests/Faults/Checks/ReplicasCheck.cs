namespace Orchestrator.Tests.Faults.Checks;

/// <summary>In the end all hosts list the same objects in the same versions.</summary>
internal sealed class ReplicasCheck : ICheck
{
    public CheckResult Run(Evidence evidence) =>
        new("all hosts have the same in the end", evidence.Replicas.Count, [.. evidence.Replicas.Skip(1).SelectMany(r => Compare(evidence.Replicas[0], r))]);

    private static IEnumerable<Violation> Compare(Replica one, Replica other) =>
        from name in one.Objects.Keys.Union(other.Objects.Keys)
        let here = one.Objects.GetValueOrDefault(name)?.Revision
        let there = other.Objects.GetValueOrDefault(name)?.Revision
        where here != there
        select new Violation($"{name} is {Show(here)} at {one.Host} and {Show(there)} at {other.Host}", name);

    private static string Show(long? revision) => revision is { } r ? $"{r}" : "absent";
}
