using System.Text;
using Orchestrator.Tests.Faults.Checks;

namespace Orchestrator.Tests.Faults;

/// <summary>The tables of a run, and the history that led to each violation.</summary>
internal static class Report
{
    private const int MostViolations = 10;
    private const int MostLines = 40;

    public static string Of(Evidence evidence, IReadOnlyList<CheckResult> checks)
    {
        var text = new StringBuilder();
        text.AppendLine().Append(Table(["FAULT", "TRIES", "UNRECOVERED", "MEDIAN s", "LONGEST s"], evidence.Tries.GroupBy(t => t.Fault).OrderBy(g => g.Key, StringComparer.Ordinal).Select(Fault)));
        text.AppendLine().Append(Table(["REQUEST", "ACKNOWLEDGED", "REFUSED", "UNKNOWN"], evidence.Operations.GroupBy(o => o.Verb).OrderBy(g => g.Key).Select(Request)));
        text.AppendLine().Append(Table(["WATCHER", "CHANGES", "BOOKMARKS", "ENDS", "LISTS", "410"], evidence.Seen.GroupBy(s => s.Watcher).OrderBy(g => g.Key, StringComparer.Ordinal).Select(Watcher)));
        text.AppendLine().Append(Table(["PROMISE", "TRIES", "VIOLATIONS"], checks.Select(c => (string[])[c.Promise, $"{c.Tries}", $"{c.Violations.Count}"])));
        foreach (var check in checks.Where(c => c.Violations.Count > 0))
        {
            text.AppendLine().AppendLine($"VIOLATED: {check.Promise}");
            foreach (var violation in check.Violations.Take(MostViolations))
            {
                text.AppendLine($"- {violation.Message}");
                History(evidence, violation).TakeLast(MostLines).ToList().ForEach(line => text.AppendLine("    " + line));
            }
        }

        return text.ToString();
    }

    /// <summary>What was done to the object and told to the watcher before it was noticed, and the faults of that time, in the order of time.</summary>
    public static IEnumerable<string> History(Evidence evidence, Violation violation)
    {
        if (violation is { Name: null, Watcher: null, At: null })
        {
            return [];
        }

        var until = violation.At ?? TimeSpan.MaxValue;
        var lines = evidence.Operations.Where(o => violation.Name is not null && o.Name == violation.Name).Select(o => (At: o.Ended, Line: o.ToString()))
            .Concat(evidence.Seen.Where(s => IsAbout(s, violation)).Select(s => (s.At, Line: s.ToString())))
            .Where(l => l.At <= until).OrderBy(l => l.At).ToList();
        var since = lines.Count == 0 ? (violation.At ?? TimeSpan.Zero) - TimeSpan.FromSeconds(30) : lines[0].At;
        return lines.Concat(evidence.Tries.Where(t => t.Began <= until && t.Recovered >= since).Select(t => (At: t.Began, Line: t.ToString()))).OrderBy(l => l.At).Select(l => l.Line);
    }

    private static bool IsAbout(Seen seen, Violation violation) => violation switch
    {
        { Watcher: { } watcher, Name: { } name } => seen.Watcher == watcher && (seen.Name == name || !seen.IsChange),
        { Watcher: { } watcher } => seen.Watcher == watcher,
        { Name: { } name } => seen.Name == name,
        _ => false,
    };

    private static string[] Fault(IGrouping<string, FaultTry> tries)
    {
        var times = tries.Where(t => t.Problem is null).Select(t => (t.Recovered - t.Healed).TotalSeconds).Order().ToList();
        return [tries.Key, $"{tries.Count()}", $"{tries.Count(t => t.Problem is not null)}", times.Count == 0 ? "" : $"{times[times.Count / 2]:0.0}", times.Count == 0 ? "" : $"{times[^1]:0.0}"];
    }

    private static string[] Request(IGrouping<Verb, Operation> operations)
    {
        string Count(Outcome outcome) => $"{operations.Count(o => o.Outcome == outcome)}";
        return [operations.Key.ToString(), Count(Outcome.Acknowledged), Count(Outcome.Refused), Count(Outcome.Unknown)];
    }

    private static string[] Watcher(IGrouping<string, Seen> seen)
    {
        string Count(SeenKind kind) => $"{seen.Count(s => s.Kind == kind)}";
        return [seen.Key, $"{seen.Count(s => s.IsChange)}", Count(SeenKind.Bookmark), Count(SeenKind.Ended), Count(SeenKind.Listed), Count(SeenKind.Expired)];
    }

    private static string Table(string[] head, IEnumerable<string[]> rows)
    {
        List<string[]> all = [head, .. rows];
        var widths = head.Select((_, i) => all.Max(r => r[i].Length)).ToArray();
        var text = new StringBuilder();
        foreach (var row in all)
        {
            text.AppendLine(string.Join("  ", row.Select((cell, i) => i == 0 ? cell.PadRight(widths[i]) : cell.PadLeft(widths[i]))).TrimEnd());
        }

        return text.ToString();
    }
}
