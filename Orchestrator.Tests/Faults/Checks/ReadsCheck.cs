namespace Orchestrator.Tests.Faults.Checks;

/// <summary>A get or list has everything that was acknowledged, or seen by another read, before it began.</summary>
internal sealed class ReadsCheck : ICheck
{
    public CheckResult Run(Evidence evidence)
    {
        var reads = evidence.Operations.Where(o => !o.IsWrite && (o.Status is >= 200 and < 300 || (o.Verb == Verb.Get && o.Status == 404))).ToList();
        var objects = evidence.Operations.Where(o => o.Name.Length > 0).GroupBy(o => o.Name).ToDictionary(g => g.Key, g => new Known(g));
        var revisions = new Floor(evidence.Operations.Where(o => o.Outcome == Outcome.Acknowledged && o.Revision > 0));
        var violations = reads.SelectMany(r => r.Verb == Verb.Get ? Get(r, objects[r.Name]) : List(r, objects, revisions));
        return new CheckResult("gets and lists have what was acknowledged", reads.Count, [.. violations]);
    }

    private static IEnumerable<Violation> Get(Operation read, Known known)
    {
        if (known.Fault(read, read.Status == 404 ? null : read.Revision) is { } fault)
        {
            yield return new Violation($"a get by {read.Host} {fault}", read.Name, At: read.Ended);
        }
    }

    private static IEnumerable<Violation> List(Operation read, IReadOnlyDictionary<string, Known> objects, Floor revisions)
    {
        if (revisions.At(read.Began) is var floor && read.Revision < floor)
        {
            yield return new Violation($"a list by {read.Host} is of {read.Revision}, after {floor} was known", At: read.Ended);
        }

        foreach (var (name, known) in objects)
        {
            if (known.Fault(read, read.Items!.TryGetValue(name, out var revision) ? revision : null) is { } fault)
            {
                yield return new Violation($"a list by {read.Host} {fault}", name, At: read.Ended);
            }
        }
    }

    /// <summary>What is known of one object, and when.</summary>
    private sealed class Known(IEnumerable<Operation> operations)
    {
        private readonly Floor _floor = new(operations.Where(o => o.Outcome == Outcome.Acknowledged && o.Revision > 0));

        private readonly TimeSpan _created = First(operations.Where(o => o.Outcome == Outcome.Acknowledged && o.Revision > 0), o => o.Ended);
        private readonly TimeSpan _deleting = First(operations.Where(o => o.Verb == Verb.Delete && o.Outcome != Outcome.Refused), o => o.Began);
        private readonly TimeSpan _deleted = First(operations.Where(o => o.Verb == Verb.Delete && o.Outcome == Outcome.Acknowledged), o => o.Ended);

        /// <summary>What is wrong with a read that found the object in this version or not at all; null if nothing is.</summary>
        public string? Fault(Operation read, long? revision) => revision switch
        {
            null when _created <= read.Began && _deleting > read.Ended => "does not have it",
            { } r when r < _floor.At(read.Began) => $"has {r}, after {_floor.At(read.Began)} was known",
            not null when _deleted <= read.Began => "has it after it was deleted",
            _ => null,
        };

        private static TimeSpan First(IEnumerable<Operation> operations, Func<Operation, TimeSpan> at) => operations.Select(at).DefaultIfEmpty(TimeSpan.MaxValue).Min();
    }

    /// <summary>The latest version that was known at a time.</summary>
    private sealed class Floor
    {
        private readonly List<TimeSpan> _times = [];
        private readonly List<long> _revisions = [];

        public Floor(IEnumerable<Operation> operations)
        {
            foreach (var operation in operations.OrderBy(o => o.Ended))
            {
                _times.Add(operation.Ended);
                _revisions.Add(Math.Max(operation.Revision, _revisions.Count == 0 ? 0 : _revisions[^1]));
            }
        }

        public long At(TimeSpan time)
        {
            var index = _times.BinarySearch(time);
            for (index = index < 0 ? ~index : index + 1; index < _times.Count && _times[index] <= time; index++)
            {
                // Several at the very same time.
            }

            return index == 0 ? 0 : _revisions[index - 1];
        }
    }
}
