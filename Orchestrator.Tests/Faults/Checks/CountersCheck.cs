using System.Globalization;

namespace Orchestrator.Tests.Faults.Checks;

/// <summary>Compare-and-set: no value is acknowledged twice, later values have later versions, and the end lies between what is known and what may be.</summary>
internal sealed class CountersCheck : ICheck
{
    /// <summary>The key that has the value.</summary>
    public const string Key = "n";

    public CheckResult Run(Evidence evidence)
    {
        var counts = evidence.Operations.Where(o => o.Verb == Verb.Count).ToLookup(o => o.Name);
        return new CheckResult("compare-and-set counts each step once", counts.Sum(c => c.Count()), [.. counts.SelectMany(c => Counter(c.Key, [.. c], evidence))]);
    }

    private static IEnumerable<Violation> Counter(string name, IReadOnlyList<Operation> counts, Evidence evidence)
    {
        var acknowledged = counts.Where(c => c.Outcome == Outcome.Acknowledged).OrderBy(c => c.Value).ThenBy(c => c.Ended).ToList();
        foreach (var (one, next) in acknowledged.Zip(acknowledged.Skip(1)))
        {
            if (one.Value == next.Value)
            {
                yield return new Violation($"{name} = {one.Value} was acknowledged to {one.Client} as {one.Revision} and to {next.Client} as {next.Revision}", name, At: next.Ended);
            }
            else if (one.Revision >= next.Revision)
            {
                yield return new Violation($"{name} = {one.Value} is {one.Revision}, and {next.Value} is {next.Revision}", name, At: next.Ended);
            }
        }

        if (evidence.Final.GetValueOrDefault(name) is not { } final)
        {
            yield break; // That it is gone is told by another check.
        }

        var value = long.Parse(final.Data.GetValueOrDefault(Key, "0"), CultureInfo.InvariantCulture);
        var unknown = counts.Count(c => c.Outcome == Outcome.Unknown);
        if (value < acknowledged.Count || value > acknowledged.Count + unknown)
        {
            yield return new Violation($"{name} is {value} after {acknowledged.Count} acknowledged and {unknown} unknown counts", name);
        }
    }
}
