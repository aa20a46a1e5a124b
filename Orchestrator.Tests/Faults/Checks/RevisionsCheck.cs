namespace Orchestrator.Tests.Faults.Checks;

/// <summary>Versions are in the order of time: a write that began after another was acknowledged has the later one, and no two have the same.</summary>
internal sealed class RevisionsCheck : ICheck
{
    public CheckResult Run(Evidence evidence)
    {
        var acknowledged = evidence.Operations.Where(o => o.IsWrite && o.Outcome == Outcome.Acknowledged && o.Revision > 0).ToList();
        return new CheckResult("revisions rise", acknowledged.Count, [.. Doubled(acknowledged), .. Backward(acknowledged)]);
    }

    private static IEnumerable<Violation> Doubled(IReadOnlyList<Operation> acknowledged) =>
        acknowledged.GroupBy(o => o.Revision).Where(g => g.Count() > 1)
            .Select(g => new Violation($"{g.Key} was given to {string.Join(" and to ", g.Select(o => $"{o.Verb} {o.Name} of {o.Client}"))}", g.First().Name, At: g.First().Ended));

    private static IEnumerable<Violation> Backward(IReadOnlyList<Operation> acknowledged)
    {
        var ended = new Queue<Operation>(acknowledged.OrderBy(o => o.Ended));
        Operation? newest = null;
        foreach (var write in acknowledged.OrderBy(o => o.Began))
        {
            while (ended.TryPeek(out var earlier) && earlier.Ended <= write.Began)
            {
                newest = newest is null || earlier.Revision > newest.Revision ? earlier : newest;
                ended.Dequeue();
            }

            if (newest is not null && write.Revision < newest.Revision)
            {
                yield return new Violation($"{write.Verb} {write.Name} got {write.Revision} after {newest.Verb} {newest.Name} had got {newest.Revision}", write.Name, At: write.Ended);
            }
        }
    }
}
