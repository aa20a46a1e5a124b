using System.Globalization;
using System.Text;

namespace Orchestrator.Benchmarks;

/// <summary>Figures as one aligned table.</summary>
internal static class FigureTable
{
    public static string Format(IReadOnlyList<Figure> figures)
    {
        var rows = figures.Select(f => (string[])[f.Name, Number(f.Value), f.Unit, f.Budget is { } b ? (b.IsFloor ? "≥ " : "≤ ") + Number(b.Value) : "", f.Budget?.IsMet(f.Value) switch { true => "met", false => "missed", null => "" }])
            .Prepend(["FIGURE", "VALUE", "UNIT", "BUDGET", ""]).ToList();
        var widths = Enumerable.Range(0, 5).Select(i => rows.Max(r => r[i].Length)).ToArray();
        var text = new StringBuilder();
        foreach (var r in rows)
        {
            text.AppendLine($"{r[0].PadRight(widths[0])}  {r[1].PadLeft(widths[1])}  {r[2].PadRight(widths[2])}  {r[3].PadRight(widths[3])}  {r[4]}".TrimEnd());
        }

        return text.ToString();
    }

    private static string Number(double value) => value.ToString(Math.Abs(value) switch { >= 100 => "#,##0", >= 10 => "0.0", _ => "0.00" }, CultureInfo.InvariantCulture);
}
