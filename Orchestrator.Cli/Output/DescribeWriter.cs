using System.Text;
using System.Text.Json.Nodes;

namespace Orchestrator.Cli.Output;

/// <summary>Writes indented lines of names and values, as in <c>kubectl describe</c>.</summary>
internal sealed class DescribeWriter
{
    private const int Step = 2;
    private readonly List<(int Depth, string Name, string Value)> _lines = [];
    private readonly StringBuilder _done = new();
    private int _depth;

    public DescribeWriter Line(string name, string? value)
    {
        _lines.Add((_depth, name + ":", value is null or "" ? "<none>" : value));
        return this;
    }

    public DescribeWriter LineIf(string name, string? value) => value is { Length: > 0 } ? Line(name, value) : this;

    /// <summary>Writes the first pair next to the name and the others below it.</summary>
    public DescribeWriter Pairs(string name, IEnumerable<KeyValuePair<string, JsonNode?>> pairs, string between = "=")
    {
        var all = pairs.Select(p => $"{p.Key}{between}{p.Value.Text()}").ToList();
        return Values(name, all);
    }

    public DescribeWriter Values(string name, IReadOnlyList<string> all)
    {
        Line(name, all.Count == 0 ? null : all[0]);
        foreach (var more in all.Skip(1))
        {
            _lines.Add((_depth, "", more));
        }

        return this;
    }

    public DescribeWriter Block(string name, Action<DescribeWriter> content)
    {
        _lines.Add((_depth, name + ":", ""));
        _depth++;
        content(this);
        _depth--;
        return this;
    }

    public DescribeWriter Table(string name, IReadOnlyList<string> header, IReadOnlyList<IReadOnlyList<string>> rows)
    {
        if (rows.Count == 0)
        {
            return Line(name, null);
        }

        using var text = new StringWriter();
        new TableWriter(text).Write([.. header], [.. ((IReadOnlyList<string>[])[[.. header.Select(h => new string('-', h.Length))]]).Concat(rows)]);
        _lines.Add((_depth, name + ":", ""));
        foreach (var line in text.ToString().Split('\n', StringSplitOptions.RemoveEmptyEntries))
        {
            _lines.Add((_depth + 1, line, ""));
        }

        return this;
    }

    /// <summary>Returns the text, with values aligned per indentation level.</summary>
    public override string ToString()
    {
        var widths = _lines.Where(l => l.Value.Length > 0).GroupBy(l => l.Depth).ToDictionary(g => g.Key, g => g.Max(l => l.Name.Length) + Step);
        _done.Clear();
        foreach (var (depth, name, value) in _lines)
        {
            _done.Append(' ', depth * Step).Append(value.Length == 0 ? name : name.PadRight(widths[depth]) + value).AppendLine();
        }

        return _done.ToString();
    }

    /// <summary>Writes arbitrary fields with their names as words: <c>clusterIP</c> is "Cluster IP".</summary>
    public DescribeWriter Any(IEnumerable<KeyValuePair<string, JsonNode?>> fields)
    {
        foreach (var (name, value) in fields)
        {
            switch (value)
            {
                case JsonObject { Count: > 0 } o when o.All(p => p.Value is JsonValue):
                    Pairs(Words(name), o);
                    break;
                case JsonObject { Count: > 0 } o:
                    Block(Words(name), s => s.Any(o));
                    break;
                case JsonArray a when a.OfType<JsonObject>().Any():
                    Block(Words(name), s =>
                    {
                        foreach (var item in a.OfType<JsonObject>())
                        {
                            s.Values(item.Text("name") ?? item.Text("type") ?? "-", [.. item.Where(p => p.Value is not null).Select(p => $"{p.Key}={p.Value.Text()}")]);
                        }
                    });
                    break;
                case JsonArray a:
                    Line(Words(name), string.Join(", ", a.Select(i => i.Text())));
                    break;
                default:
                    Line(Words(name), value.Text());
                    break;
            }
        }

        return this;
    }

    public static string Words(string name)
    {
        var text = new StringBuilder();
        for (var i = 0; i < name.Length; i++)
        {
            if (i > 0 && char.IsUpper(name[i]) && (char.IsLower(name[i - 1]) || (i + 1 < name.Length && char.IsLower(name[i + 1]))))
            {
                text.Append(' ');
            }

            text.Append(i == 0 ? char.ToUpperInvariant(name[i]) : name[i]);
        }

        return text.ToString();
    }
}
