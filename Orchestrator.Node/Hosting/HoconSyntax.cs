namespace Orchestrator.Node.Hosting;

/// <summary>Checks that braces, brackets and quotes of a HOCON text are balanced. Akka's parser accepts unbalanced ones and returns wrong values.</summary>
internal static class HoconSyntax
{
    /// <summary>The first error with its line; null if there is none.</summary>
    public static string? FindError(string text)
    {
        var open = new Stack<(char Sign, int Line)>();
        var line = 1;
        for (var i = 0; i < text.Length; i++)
        {
            switch (text[i])
            {
                case '\n':
                    line++;
                    break;
                case '#':
                case '/' when i + 1 < text.Length && text[i + 1] == '/':
                    i = End(text, i, "\n") - 1;
                    break;
                case '"':
                    var isLong = string.CompareOrdinal(text, i, "\"\"\"", 0, 3) == 0;
                    var end = isLong ? text.IndexOf("\"\"\"", i + 3, StringComparison.Ordinal) is > 0 and var at ? at + 2 : -1 : Quote(text, i + 1);
                    if (end <= i)
                    {
                        return $"line {line}: unclosed quote";
                    }

                    line += text.AsSpan(i, end - i).Count('\n');
                    i = end;
                    break;
                case '{' or '[':
                    open.Push((text[i], line));
                    break;
                case '}' or ']':
                    if (!open.TryPop(out var opened))
                    {
                        return $"line {line}: {text[i]} has no opening counterpart";
                    }

                    if (opened.Sign != (text[i] == '}' ? '{' : '['))
                    {
                        return $"line {line}: {text[i]} does not close the {opened.Sign} of line {opened.Line}";
                    }

                    break;
            }
        }

        return open.TryPop(out var left) ? $"line {left.Line}: {left.Sign} is not closed" : null;
    }

    private static int End(string text, int from, string sign) => text.IndexOf(sign, from, StringComparison.Ordinal) is >= 0 and var at ? at : text.Length;

    // End of a single-line string; -1 if it is not closed.
    private static int Quote(string text, int from)
    {
        for (var i = from; i < text.Length && text[i] != '\n'; i++)
        {
            if (text[i] == '"')
            {
                return i;
            }

            i += text[i] == '\\' ? 1 : 0;
        }

        return -1;
    }
}
