using System.Reflection;
using System.Text.RegularExpressions;
using Orchestrator.Actors.Resources;
using Orchestrator.Node.Agent;

namespace Orchestrator.Tests.Architecture;

/// <summary>Patterns of texts that users and containers write.</summary>
public sealed class PatternSpec
{
    // "$" matches before a line end too, and "\d" digits of all scripts, which nothing else of the program reads.
    [Fact]
    public void A_pattern_takes_no_line_end_and_no_foreign_digits_along()
    {
        var patterns = new[] { typeof(ResourceDefinition).Assembly, typeof(PodLauncher).Assembly }.SelectMany(a => a.GetTypes())
            .SelectMany(t => t.GetMethods(BindingFlags.Static | BindingFlags.Instance | BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.DeclaredOnly))
            .Select(m => (Name: $"{m.DeclaringType}.{m.Name}", m.GetCustomAttribute<GeneratedRegexAttribute>()?.Pattern)).Where(p => p.Pattern is not null).ToList();
        Assert.InRange(patterns.Count, 20, 200);
        Assert.Equal([], patterns.Where(p => p.Pattern!.EndsWith('$') || p.Pattern.Contains(@"\d", StringComparison.Ordinal)).Select(p => $"{p.Name}: {p.Pattern}"));
    }
}
