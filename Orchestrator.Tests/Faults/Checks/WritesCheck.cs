namespace Orchestrator.Tests.Faults.Checks;

/// <summary>What was acknowledged is there in the end, what was refused is not; what is unknown may be either.</summary>
internal sealed class WritesCheck : ICheck
{
    public CheckResult Run(Evidence evidence)
    {
        var writes = evidence.Writes;
        var violations = evidence.Replicas.Count == 0 ? [] : writes.SelectMany(w => Object(w.Key, [.. w], evidence.Final.GetValueOrDefault(w.Key)));
        return new CheckResult("acknowledged writes are kept, refused ones are not stored", writes.Sum(w => w.Count()), [.. violations]);
    }

    private static IEnumerable<Violation> Object(string name, IReadOnlyList<Operation> writes, StoredObject? final)
    {
        bool Any(Verb verb, Outcome outcome) => writes.Any(w => w.Verb == verb && w.Outcome == outcome);
        if (final is null)
        {
            if (Any(Verb.Create, Outcome.Acknowledged) && !Any(Verb.Delete, Outcome.Acknowledged) && !Any(Verb.Delete, Outcome.Unknown))
            {
                yield return new Violation($"{name} was acknowledged and is gone", name);
            }

            yield break;
        }

        if (Any(Verb.Delete, Outcome.Acknowledged))
        {
            yield return new Violation($"{name} was deleted and is there again", name);
        }

        if (!Any(Verb.Create, Outcome.Acknowledged) && !Any(Verb.Create, Outcome.Unknown))
        {
            yield return new Violation($"{name} was refused and is stored", name);
        }

        foreach (var change in writes.Where(w => w.Verb == Verb.Change && w.Outcome != Outcome.Unknown && final.Data.ContainsKey(w.Key) != (w.Outcome == Outcome.Acknowledged)))
        {
            yield return new Violation($"{change.Key} of {name} was {(change.Outcome == Outcome.Acknowledged ? "acknowledged and is not there" : "refused and is stored")}", name, At: change.Ended);
        }

        if (writes.Max(w => w.Outcome == Outcome.Acknowledged ? w.Revision : 0) is var newest && newest > final.Revision)
        {
            yield return new Violation($"{name} was acknowledged as {newest} and is {final.Revision} now", name);
        }
    }
}
