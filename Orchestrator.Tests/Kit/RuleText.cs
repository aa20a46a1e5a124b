using System.Text.RegularExpressions;

namespace Orchestrator.Tests.Kit;

/// <summary>Tables of packet rules as text that can be compared.</summary>
internal static partial class RuleText
{
    /// <summary>A listed table in an order of its own, since the kernel keeps chains and elements as they came, and without counts and times.</summary>
    public static string Ordered(string text)
    {
        var blocks = text.Split("\n\t}\n").Select(b => string.Join('\n', b.Split('\n').SelectMany(l => l.Contains("elements", StringComparison.Ordinal) || l.StartsWith("\t\t\t     ", StringComparison.Ordinal)
            ? l.Replace("elements = {", "", StringComparison.Ordinal).Trim(' ', '\t', '}', ',').Split(", ", StringSplitOptions.RemoveEmptyEntries) : [l]).Order(StringComparer.Ordinal)));
        return string.Join("\n}\n", blocks.Select(b => Passing().Replace(b, "")).Order(StringComparer.Ordinal));
    }

    [GeneratedRegex(" timeout [0-9a-z]+ expires [0-9a-z]+| packets [0-9]+ bytes [0-9]+")]
    private static partial Regex Passing();
}
