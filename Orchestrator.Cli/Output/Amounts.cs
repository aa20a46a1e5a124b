using System.Globalization;
using System.Text.Json.Nodes;

namespace Orchestrator.Cli.Output;

/// <summary>Amounts of CPU in cores and of memory in bytes.</summary>
internal readonly record struct Amounts(double Cpu, double Memory)
{
    private static readonly Dictionary<string, double> Units = new()
    {
        ["n"] = 1e-9, ["u"] = 1e-6, ["m"] = 1e-3, [""] = 1, ["k"] = 1e3, ["M"] = 1e6, ["G"] = 1e9, ["T"] = 1e12, ["P"] = 1e15, ["E"] = 1e18,
        ["Ki"] = 1L << 10, ["Mi"] = 1L << 20, ["Gi"] = 1L << 30, ["Ti"] = 1L << 40, ["Pi"] = 1L << 50, ["Ei"] = 1L << 60,
    };

    public string CpuText => string.Create(CultureInfo.InvariantCulture, $"{Math.Ceiling(Math.Round(Cpu * 1000, 6))}m");

    public string MemoryText => string.Create(CultureInfo.InvariantCulture, $"{Math.Floor(Memory / Units["Mi"])}Mi");

    public static Amounts operator +(Amounts a, Amounts b) => new(a.Cpu + b.Cpu, a.Memory + b.Memory);

    /// <summary>The fields <c>cpu</c> and <c>memory</c>, which are quantities of Kubernetes; 0 for one that is absent.</summary>
    public static Amounts Of(JsonNode? fields) => new(Quantity(fields.Text("cpu")), Quantity(fields.Text("memory")));

    /// <summary>A part of a whole; <c>&lt;unknown&gt;</c> without a whole.</summary>
    public static string Percent(double part, double whole) => whole > 0 ? string.Create(CultureInfo.InvariantCulture, $"{Math.Floor(part * 100 / whole)}%") : "<unknown>";

    private static double Quantity(string? text)
    {
        var unit = (text ?? "").TrimStart('+', '-', '.', '0', '1', '2', '3', '4', '5', '6', '7', '8', '9');
        return text is not null && Units.TryGetValue(unit, out var factor) && double.TryParse(text[..^unit.Length], NumberStyles.Float, CultureInfo.InvariantCulture, out var number)
            ? number * factor : double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var whole) ? whole : 0;
    }
}
