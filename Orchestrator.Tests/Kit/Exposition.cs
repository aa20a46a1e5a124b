using System.Globalization;
using System.Text;
using Prometheus;

namespace Orchestrator.Tests.Kit;

/// <summary>Metrics in the text format of Prometheus, taken apart.</summary>
internal sealed class Exposition
{
    private readonly Dictionary<string, double> _samples = [];

    private Exposition(string text)
    {
        foreach (var line in text.Split('\n', StringSplitOptions.RemoveEmptyEntries))
        {
            if (line.StartsWith("# TYPE ", StringComparison.Ordinal))
            {
                Families[line.Split(' ')[2]] = line.Split(' ')[3];
            }
            else if (line[0] != '#')
            {
                var end = line.LastIndexOf(' ');
                _samples[line[..end]] = double.Parse(line[(end + 1)..], CultureInfo.InvariantCulture);
            }
        }
    }

    /// <summary>The types of the metrics by their names, whether or not they have samples.</summary>
    public Dictionary<string, string> Families { get; } = [];

    /// <summary>The series with their labels.</summary>
    public IReadOnlyCollection<string> Series => _samples.Keys;

    /// <summary>Reads the metrics of a host.</summary>
    public static async Task<Exposition> OfAsync(NodeProcess node) => new(await node.ReadAsync("/metrics"));

    /// <summary>Reads the metrics of a registry.</summary>
    public static async Task<Exposition> OfAsync(CollectorRegistry registry)
    {
        using var text = new MemoryStream();
        await registry.CollectAndExportAsTextAsync(text);
        return new(Encoding.UTF8.GetString(text.ToArray()));
    }

    /// <summary>The value of a series; null if there is none.</summary>
    public double? Find(string series) => _samples.TryGetValue(series, out var value) ? value : null;

    /// <summary>The value of a series that must be there.</summary>
    public double this[string series] => Find(series) ?? throw new KeyNotFoundException(
        $"There is no {series}; there are:\n{string.Join('\n', Series.Where(s => s.StartsWith(series.Split('{')[0], StringComparison.Ordinal)))}");
}
