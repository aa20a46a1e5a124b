using System.Globalization;
using System.Text;

namespace Orchestrator.Node.Agent.Pages;

/// <summary>Writes metrics in the text format of Prometheus.</summary>
internal sealed class MetricText
{
    /// <summary>Type of the content.</summary>
    public const string ContentType = "text/plain; version=0.0.4; charset=utf-8";

    private readonly StringBuilder _text = new();

    /// <summary>Begins a metric.</summary>
    /// <param name="name">Its name.</param>
    /// <param name="type"><c>counter</c> or <c>gauge</c>.</param>
    /// <param name="help">What it is, in a sentence.</param>
    public MetricText Metric(string name, string type, string help)
    {
        _text.Append("# HELP ").Append(name).Append(' ').Append(help).Append("\n# TYPE ").Append(name).Append(' ').Append(type).Append('\n');
        return this;
    }

    /// <summary>Writes a sample of a metric.</summary>
    /// <param name="name">Name of the metric.</param>
    /// <param name="value">The value.</param>
    /// <param name="at">When it was measured; null for now.</param>
    /// <param name="labels">Names and values of labels.</param>
    public MetricText Sample(string name, double value, DateTimeOffset? at, params IEnumerable<(string Name, string Value)> labels)
    {
        _text.Append(name);
        var first = true;
        foreach (var (label, text) in labels)
        {
            _text.Append(first ? '{' : ',').Append(label).Append("=\"").Append(Escaped(text)).Append('"');
            first = false;
        }

        _text.Append(first ? " " : "} ").Append(value.ToString("R", CultureInfo.InvariantCulture));
        if (at is { } time)
        {
            _text.Append(' ').Append(time.ToUnixTimeMilliseconds().ToString(CultureInfo.InvariantCulture));
        }

        _text.Append('\n');
        return this;
    }

    public override string ToString() => _text.ToString();

    private static string Escaped(string text) => text.Replace("\\", "\\\\", StringComparison.Ordinal).Replace("\"", "\\\"", StringComparison.Ordinal).Replace("\n", "\\n", StringComparison.Ordinal);
}
