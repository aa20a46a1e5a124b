using System.Text.RegularExpressions;

namespace Orchestrator.Tests.WithKubectl;

/// <summary>Reads the tables that kubectl prints.</summary>
internal static partial class Columns
{
    public static string[] Lines(string text) => text.Split('\n', StringSplitOptions.RemoveEmptyEntries);

    /// <summary>The headers, separated by one blank.</summary>
    public static string Header(string table) => string.Join(' ', Cells(Lines(table)[0]));

    /// <summary>The rows below the header, each with its cells.</summary>
    public static string[][] Rows(string table) => [.. Lines(table).Skip(1).Select(Cells)];

    public static string[] Cells(string line) => Gap().Split(line.Trim());

    [GeneratedRegex(@"\s{2,}|\t")]
    private static partial Regex Gap();
}
