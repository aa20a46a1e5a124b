namespace Orchestrator.Tests.Faults.Checks;

/// <summary>A watcher that applies what it is told has what the last list has, and is never told to change what it does not have.</summary>
internal sealed class FoldsCheck : ICheck
{
    public CheckResult Run(Evidence evidence) =>
        new("a watcher's objects are those of the list in the end", evidence.Selectors.Count, [.. evidence.Selectors.SelectMany(w => Fold(w.Key, w.Value, evidence))]);

    private static IEnumerable<Violation> Fold(string watcher, string? selector, Evidence evidence)
    {
        var has = new Dictionary<string, long>();
        foreach (var line in evidence.Seen.Where(s => s.Watcher == watcher))
        {
            if (line.Kind == SeenKind.Listed)
            {
                has = new Dictionary<string, long>(line.Items!);
            }
            else if (line.IsChange)
            {
                if (has.ContainsKey(line.Name) != (line.Kind is SeenKind.Modified or SeenKind.Deleted))
                {
                    yield return new Violation($"{watcher} was told {line.Kind} {line.Name} {line.Revision} and {(has.ContainsKey(line.Name) ? "had it" : "did not have it")}", line.Name, watcher, line.At);
                }

                if (line.Kind == SeenKind.Deleted)
                {
                    has.Remove(line.Name);
                }
                else
                {
                    has[line.Name] = line.Revision;
                }
            }
        }

        if (evidence.Replicas.Count == 0)
        {
            yield break;
        }

        var final = evidence.Final.Where(o => selector is null || o.Value.Group == selector).ToDictionary(o => o.Key, o => o.Value.Revision);
        foreach (var name in has.Keys.Union(final.Keys).Where(n => has.GetValueOrDefault(n) != final.GetValueOrDefault(n)))
        {
            yield return new Violation($"{watcher} has {name} as {Show(has, name)}, the list as {Show(final, name)}", name, watcher);
        }
    }

    private static string Show(Dictionary<string, long> objects, string name) => objects.TryGetValue(name, out var revision) ? $"{revision}" : "absent";
}
