using System.Globalization;
using System.Text.RegularExpressions;

namespace Orchestrator.Cli.Client;

/// <summary>Parses metrics in the text format of Prometheus.</summary>
internal sealed partial class MetricsText
{
    private readonly ILookup<string, (string Labels, double Value)> _samples;

    public MetricsText(string text) => _samples = text.Split('\n').Select(l => Sample().Match(l)).Where(m => m.Success)
        .ToLookup(m => m.Groups["name"].Value, m => (m.Groups["labels"].Value, double.Parse(m.Groups["value"].Value, CultureInfo.InvariantCulture)));

    /// <summary>Returns the value of a metric without labels; null if it is missing.</summary>
    public double? Value(string name) => _samples[name] is var found && found.Any() ? found.First().Value : null;

    /// <summary>Returns the samples of a metric with one label, with the value of the label.</summary>
    public IReadOnlyList<(string Label, double Value)> ByLabel(string name) => [.. _samples[name].Select(s => (s.Labels.Split('"').ElementAtOrDefault(1) ?? "", s.Value))];

    [GeneratedRegex("^(?<name>[a-z_]+)(\\{(?<labels>.*)\\})? (?<value>-?[0-9.eE+-]+)$")]
    private static partial Regex Sample();
}
