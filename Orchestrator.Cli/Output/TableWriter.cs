using System.Text;

namespace Orchestrator.Cli.Output;

/// <summary>Writes left-aligned columns, three spaces apart, without trailing spaces.</summary>
internal sealed class TableWriter(TextWriter output, bool hasColour = false)
{
    private const int Gap = 3;
    private int[] _widths = [];

    /// <summary>Prints rows. Column widths are kept for later calls, so that a watch stays aligned.</summary>
    public void Write(IReadOnlyList<string>? header, IReadOnlyList<IReadOnlyList<string>> rows)
    {
        var columns = rows.Prepend(header ?? []).Max(r => r.Count);
        var widths = new int[columns];
        for (var i = 0; i < columns; i++)
        {
            widths[i] = Math.Max(i < _widths.Length ? _widths[i] : 0, rows.Prepend(header ?? []).Max(r => i < r.Count ? r[i].Length : 0));
        }

        _widths = widths;
        var text = new StringBuilder();
        if (header is not null)
        {
            Line(text, header, isHeader: true);
        }

        foreach (var row in rows)
        {
            Line(text, row, isHeader: false);
        }

        output.Write(text);
    }

    private void Line(StringBuilder text, IReadOnlyList<string> cells, bool isHeader)
    {
        // Trailing empty cells would add trailing spaces.
        var last = cells.Count - 1;
        while (last > 0 && string.IsNullOrWhiteSpace(cells[last]))
        {
            last--;
        }

        for (var i = 0; i <= last; i++)
        {
            var cell = cells[i].ReplaceLineEndings(" ");
            var colour = hasColour && !isHeader ? Colours.Of(cell) : null;
            text.Append(colour).Append(cell).Append(colour is null ? null : Colours.Reset);
            if (i < last)
            {
                text.Append(' ', Math.Max(1, _widths[i] - cell.Length + Gap));
            }
        }

        text.AppendLine();
    }
}
