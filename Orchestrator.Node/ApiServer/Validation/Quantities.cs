using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;

namespace Orchestrator.Node.ApiServer.Validation;

/// <summary>Amounts such as <c>100m</c>, <c>1.5</c>, <c>2e3</c> and <c>64Mi</c>.</summary>
internal static partial class Quantities
{
    private static readonly string[] Decimal = ["n", "u", "m", "", "k", "M", "G", "T", "P", "E"];
    private static readonly string[] Binary = ["", "Ki", "Mi", "Gi", "Ti", "Pi", "Ei"];

    public static bool TryParse(JsonNode? node, out double amount)
    {
        amount = 0;
        var text = node?.GetValueKind() switch
        {
            JsonValueKind.String => node.GetValue<string>(),
            JsonValueKind.Number => node.ToJsonString(),
            _ => null,
        };
        if (text is null || Form().Match(text) is not { Success: true } match
            || !double.TryParse(match.Groups["n"].Value, NumberStyles.Float, CultureInfo.InvariantCulture, out var number))
        {
            return false;
        }

        var unit = match.Groups["u"].Value;
        amount = number * (match.Groups["e"].Success
            ? Math.Pow(10, double.Parse(match.Groups["e"].ValueSpan[1..], NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture))
            : unit.EndsWith('i') ? Math.Pow(1024, Array.IndexOf(Binary, unit)) : Math.Pow(1000, Array.IndexOf(Decimal, unit) - 3));
        return double.IsFinite(amount);
    }

    [GeneratedRegex(@"^(?<n>[-+]?([0-9]+(\.[0-9]*)?|\.[0-9]+))((?<e>[eE][-+]?[0-9]{1,3})|(?<u>[numkMGTPE]|[KMGTPE]i)?)$")]
    private static partial Regex Form();
}
