namespace Orchestrator.Tests.Faults.Checks;

/// <summary>A write is stored once: no version of an object is there that no write accounts for.</summary>
internal sealed class OnceCheck : ICheck
{
    public CheckResult Run(Evidence evidence)
    {
        // A selector turns one change into another, and a second watcher sees the same versions: what matters is the version.
        var seen = evidence.Seen.Where(s => s.Kind is SeenKind.Added or SeenKind.Modified).ToLookup(s => s.Name, s => s.Revision);
        var writes = evidence.Writes;
        return new CheckResult("a write is stored once", writes.Count, [.. writes.SelectMany(w => Object(w.Key, [.. w], [.. seen[w.Key].Distinct().Order()], evidence.Final.GetValueOrDefault(w.Key)))]);
    }

    private static IEnumerable<Violation> Object(string name, IReadOnlyList<Operation> writes, IReadOnlyList<long> seen, StoredObject? final)
    {
        var acknowledged = writes.Where(w => w.Outcome == Outcome.Acknowledged && w.Revision > 0).Select(w => w.Revision).ToHashSet();
        var unknown = writes.Count(w => w.Outcome == Outcome.Unknown);
        var versions = final is null ? seen : [.. seen.Append(final.Revision).Distinct()];
        var strange = versions.Where(r => !acknowledged.Contains(r)).ToList();
        if (strange.Count > unknown)
        {
            yield return new Violation($"{name} has {strange.Count} versions ({string.Join(", ", strange.Take(10))}) that no acknowledged write made, and {unknown} writes of unknown outcome", name);
        }
    }
}
