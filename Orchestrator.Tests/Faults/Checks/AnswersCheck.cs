namespace Orchestrator.Tests.Faults.Checks;

/// <summary>Whatever happens, no answer is 500: what is not the server's own mistake has a code of its own. No object that is there is called absent.</summary>
internal sealed class AnswersCheck : ICheck
{
    public CheckResult Run(Evidence evidence)
    {
        var answered = evidence.Operations.Where(o => o.Status > 0).ToList();
        var errors = answered.Where(o => o.Status == 500).Select(o => new Violation($"{o.Verb} {o.Name} at {o.Host} was answered with 500: {o.Message}", o.Name, At: o.Ended));
        return new CheckResult("no answer is 500", answered.Count, [.. errors, .. evidence.Writes.SelectMany(Strange)]);
    }

    private static IEnumerable<Violation> Strange(IGrouping<string, Operation> writes)
    {
        var created = writes.Where(w => w.Verb == Verb.Create && w.Outcome == Outcome.Acknowledged).Select(w => w.Ended).DefaultIfEmpty(TimeSpan.MaxValue).Min();
        var deleting = writes.Where(w => w.Verb == Verb.Delete && w.Outcome != Outcome.Refused).Select(w => w.Began).DefaultIfEmpty(TimeSpan.MaxValue).Min();
        return writes.Where(w => w.Status == 404 && w.Began >= created && w.Ended <= deleting)
            .Select(w => new Violation($"{w.Verb} {w.Name} at {w.Host} was answered with 404, and it is there", w.Name, At: w.Ended))
            .Concat(writes.Where(w => w is { Verb: Verb.Create, Status: 409 })
                .Select(w => new Violation($"Create {w.Name} at {w.Host} was answered with 409, and nobody else made it", w.Name, At: w.Ended)));
    }
}
