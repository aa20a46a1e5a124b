using System.Collections.Immutable;
using System.Globalization;
using System.Text;

namespace Orchestrator.Node.Agent.Scraping;

/// <summary>A sample of a page of metrics.</summary>
/// <param name="Name">Name of the sample, such as <c>http_requests_total</c>.</param>
/// <param name="Labels">Its labels.</param>
/// <param name="Value">Its value; it may be infinite or no number.</param>
/// <param name="IsCounter">Whether it only grows, but for restarts.</param>
internal sealed record PrometheusSample(string Name, ImmutableSortedDictionary<string, string> Labels, double Value, bool IsCounter);

/// <summary>Reads Prometheus' text format, version 0.0.4 (Prometheus, "Exposition formats"), and of OpenMetrics what looks alike. Pure.</summary>
/// <remarks>Buckets of histograms and quantiles of summaries are left out: an autoscaler can do nothing with them.</remarks>
internal static class PrometheusText
{
    private const string Blank = " \t";

    /// <summary>Reads a page, sample by sample.</summary>
    /// <param name="page">The page.</param>
    /// <exception cref="FormatException">A line is not of this format; the message names it.</exception>
    public static IEnumerable<PrometheusSample> Read(string page)
    {
        var types = new Dictionary<string, string>();
        var number = 0;
        foreach (var line in page.Split('\n'))
        {
            number++;
            var text = line.AsSpan().Trim(" \t\r");
            if (text.StartsWith("#"))
            {
                if (line.Split((char[])[' ', '\t', '\r'], StringSplitOptions.RemoveEmptyEntries) is ["#", "TYPE", var name, var type])
                {
                    types[name] = type;
                }
            }
            else if (!text.IsEmpty)
            {
                var (name, labels, value) = Sample(text, number);
                if (Meaning(name, types) is { } isCounter)
                {
                    yield return new PrometheusSample(name, labels, value, isCounter);
                }
            }
        }
    }

    // Whether it is a counter; null if it is left out. The type is that of the family, of which a histogram's samples have longer names.
    private static bool? Meaning(string name, Dictionary<string, string> types)
    {
        switch (types.GetValueOrDefault(name))
        {
            case "counter":
                return true;
            case "summary" or "histogram":
                return null;
            case "gauge":
                return false;
        }

        var end = name.LastIndexOf('_');
        return (end < 0 ? null : types.GetValueOrDefault(name[..end]), end < 0 ? "" : name[end..]) switch
        {
            ("histogram" or "summary", "_sum" or "_count") => true,
            ("histogram", "_bucket") => null,
            ("counter" or "histogram" or "summary", "_created") => null,
            (_, var last) => last == "_total",
        };
    }

    private static (string Name, ImmutableSortedDictionary<string, string> Labels, double Value) Sample(ReadOnlySpan<char> text, int line)
    {
        var name = Name(text, isLabel: false);
        if (name == 0)
        {
            throw Wrong(line, "it does not begin with the name of a metric");
        }

        var rest = text[name..].TrimStart(Blank);
        var labels = ImmutableSortedDictionary<string, string>.Empty;
        if (rest.StartsWith("{"))
        {
            (labels, var length) = Labels(rest, line);
            rest = rest[length..];
        }

        rest = rest.TrimStart(Blank);
        var end = rest.IndexOfAny(Blank);
        var value = end < 0 ? rest : rest[..end];
        return (text[..name].ToString(), labels, Number(value) ?? throw Wrong(line, "it has no value"));
    }

    private static (ImmutableSortedDictionary<string, string> Labels, int Length) Labels(ReadOnlySpan<char> text, int line)
    {
        var labels = ImmutableSortedDictionary.CreateBuilder<string, string>(StringComparer.Ordinal);
        var at = 1;
        while (true)
        {
            at += Spaces(text[at..]);
            if (at < text.Length && text[at] == '}')
            {
                return (labels.ToImmutable(), at + 1);
            }

            var name = Name(text[at..], isLabel: true);
            var key = text.Slice(at, name);
            at += name;
            at += Spaces(text[at..]);
            if (name == 0 || at >= text.Length || text[at] != '=')
            {
                throw Wrong(line, "its labels must be written as {name=\"value\"}");
            }

            at++;
            at += Spaces(text[at..]);
            labels[key.ToString()] = Quoted(text, ref at, line);
            at += Spaces(text[at..]);
            if (at < text.Length && text[at] == ',')
            {
                at++;
            }
            else if (at >= text.Length || text[at] != '}')
            {
                throw Wrong(line, "its labels do not end with }");
            }
        }
    }

    private static string Quoted(ReadOnlySpan<char> text, ref int at, int line)
    {
        if (at >= text.Length || text[at] != '"')
        {
            throw Wrong(line, "the value of a label must be in quotation marks");
        }

        var value = new StringBuilder();
        for (at++; at < text.Length; at++)
        {
            switch (text[at])
            {
                case '"':
                    at++;
                    return value.ToString();
                case '\\' when at + 1 < text.Length:
                    at++;
                    value.Append(text[at] == 'n' ? '\n' : text[at]);
                    break;
                default:
                    value.Append(text[at]);
                    break;
            }
        }

        throw Wrong(line, "the value of a label does not end");
    }

    private static double? Number(ReadOnlySpan<char> text) => text switch
    {
        "+Inf" or "Inf" => double.PositiveInfinity,
        "-Inf" => double.NegativeInfinity,
        "NaN" => double.NaN,
        _ => double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var value) ? value : null,
    };

    private static int Name(ReadOnlySpan<char> text, bool isLabel)
    {
        var length = 0;
        while (length < text.Length && (char.IsAsciiLetter(text[length]) || text[length] == '_' || (text[length] == ':' && !isLabel) || (length > 0 && char.IsAsciiDigit(text[length]))))
        {
            length++;
        }

        return length;
    }

    private static int Spaces(ReadOnlySpan<char> text) => text.Length - text.TrimStart(Blank).Length;

    private static FormatException Wrong(int line, string why) => new(string.Create(CultureInfo.InvariantCulture, $"line {line} is not in the text format of Prometheus: {why}"));
}
