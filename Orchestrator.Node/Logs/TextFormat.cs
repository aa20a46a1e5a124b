using System.Globalization;
using System.Text;

namespace Orchestrator.Node.Logs;

/// <summary>Lines of <c>name=value</c> pairs (logfmt). The stack of an unexpected failure follows in indented lines.</summary>
internal static class TextFormat
{
    /// <summary>The text of a line, with its end.</summary>
    public static string Format(LogLine line)
    {
        var text = new StringBuilder();
        foreach (var (name, value) in line.Pairs)
        {
            text.Append(text.Length == 0 ? "" : " ").Append(name).Append('=');
            Append(text, Convert.ToString(value, CultureInfo.InvariantCulture) ?? "");
        }

        text.Append('\n');
        foreach (var frame in line.Stack?.ReplaceLineEndings("\n").Split('\n') ?? [])
        {
            text.Append("    ");
            Escape(text, frame);
            text.Append('\n');
        }

        return text.ToString();
    }

    private static void Append(StringBuilder text, string value)
    {
        if (value.Length > 0 && !value.Any(c => c is ' ' or '=' or '"' || IsHidden(c)))
        {
            text.Append(value);
            return;
        }

        text.Append('"');
        Escape(text, value.Replace("\\", "\\\\", StringComparison.Ordinal).Replace("\"", "\\\"", StringComparison.Ordinal));
        text.Append('"');
    }

    // Nothing that a value contains can begin a line or move the cursor of a terminal.
    private static void Escape(StringBuilder text, string value)
    {
        foreach (var c in value)
        {
            _ = c switch
            {
                '\n' => text.Append("\\n"),
                '\r' => text.Append("\\r"),
                '\t' => text.Append("\\t"),
                _ when IsHidden(c) => text.Append("\\u").Append(((int)c).ToString("x4", CultureInfo.InvariantCulture)),
                _ => text.Append(c),
            };
        }
    }

    private static bool IsHidden(char c) => char.IsControl(c) || c is '\u2028' or '\u2029';
}
