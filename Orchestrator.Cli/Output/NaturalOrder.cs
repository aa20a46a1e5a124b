using System.Globalization;

namespace Orchestrator.Cli.Output;

/// <summary>Compares numbers by value and other text by character.</summary>
internal sealed class NaturalOrder : IComparer<string>
{
    public static readonly NaturalOrder Instance = new();

    public int Compare(string? x, string? y) =>
        double.TryParse(x, NumberStyles.Float, CultureInfo.InvariantCulture, out var a) && double.TryParse(y, NumberStyles.Float, CultureInfo.InvariantCulture, out var b)
            ? a.CompareTo(b) : string.CompareOrdinal(x, y);
}
