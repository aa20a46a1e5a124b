namespace Orchestrator.Tests.Faults.Checks;

/// <summary>A watcher is told every change of its time once, in order, across resumptions: nothing acknowledged and nothing that another watcher
/// was told is missing between its list and its end.</summary>
internal sealed class WatchesCheck : ICheck
{
    public CheckResult Run(Evidence evidence)
    {
        var told = evidence.Selectors.Select(w => new Told(w.Key, w.Value, [.. evidence.Seen.Where(s => s.Watcher == w.Key)])).ToList();
        var violations = told.SelectMany(Order).Concat(told.SelectMany(t => Missing(t, evidence, told)));
        return new CheckResult("watchers are told everything once, in order", told.Sum(t => t.Lines.Count(l => l.IsChange)), [.. violations]);
    }

    // After a line, only later versions may come.
    private static IEnumerable<Violation> Order(Told watcher)
    {
        var position = 0L;
        foreach (var line in watcher.Lines.Where(l => l.Revision > 0))
        {
            if (line.IsChange ? line.Revision <= position : line.Revision < position)
            {
                yield return new Violation($"{watcher.Name} was told {line.Kind} {line.Name} {line.Revision} after {position}", line.Name.Length > 0 ? line.Name : null, watcher.Name, line.At);
            }

            position = Math.Max(position, line.Revision);
        }
    }

    private static IEnumerable<Violation> Missing(Told watcher, Evidence evidence, IReadOnlyList<Told> all)
    {
        var must = evidence.Operations
            .Where(o => o.IsWrite && o.Outcome == Outcome.Acknowledged && o.Revision > 0 && (watcher.Selector is null || o.Group == watcher.Selector))
            .Select(o => (o.Revision, o.Name, Why: "was acknowledged"))
            .Concat(all.Where(t => t != watcher && t.Selector == watcher.Selector)
                .SelectMany(t => t.Lines.Where(l => l.IsChange).Select(l => (l.Revision, l.Name, Why: $"was told to {t.Name}"))));
        return must.Where(m => watcher.Covers(m.Revision) && !watcher.Changes.Contains(m.Revision)).DistinctBy(m => m.Revision)
            .Select(m => new Violation($"{watcher.Name} was not told {m.Name} {m.Revision}, which {m.Why}", m.Name, watcher.Name));
    }

    private sealed class Told
    {
        private readonly List<(long After, long Until)> _spans = [];

        public Told(string name, string? selector, IReadOnlyList<Seen> lines)
        {
            (Name, Selector, Lines) = (name, selector, lines);
            Changes = lines.Where(l => l.IsChange).Select(l => l.Revision).ToHashSet();
            var (begin, end) = (0L, 0L);
            foreach (var line in lines.Where(l => l.Revision > 0))
            {
                if (line.Kind == SeenKind.Listed)
                {
                    _spans.Add((begin, end));
                    (begin, end) = (line.Revision, line.Revision);
                }

                end = Math.Max(end, line.Revision);
            }

            _spans.Add((begin, end));
        }

        public string Name { get; }

        public string? Selector { get; }

        public IReadOnlyList<Seen> Lines { get; }

        public IReadOnlySet<long> Changes { get; }

        /// <summary>Whether the change of a revision had to be told: between a list and what was told last.</summary>
        public bool Covers(long revision) => _spans.Any(s => revision > s.After && revision <= s.Until);
    }
}
