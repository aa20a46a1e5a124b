using System.Globalization;
using System.Text.Json.Nodes;
using Orchestrator.Actors.Api;
using Orchestrator.Actors.Resources;

namespace Orchestrator.Actors.ResourceMetrics;

/// <summary>What the kinds of the group <c>metrics.k8s.io</c> have in common.</summary>
internal static class MetricsObject
{
    /// <summary>The group.</summary>
    public const string Group = "metrics.k8s.io";

    /// <summary>Its version.</summary>
    public const string Version = "v1beta1";

    private const int NanosPerUnit = 1_000_000_000;

    /// <summary>Creates the metrics of an object, with its name and labels, without the amounts.</summary>
    /// <param name="kind">The kind of the metrics.</param>
    /// <param name="measured">The object that was measured.</param>
    /// <param name="usage">Time and window.</param>
    /// <param name="now">The current time.</param>
    public static JsonObject Create(ResourceDefinition kind, KubeObject measured, ResourceUsage usage, DateTimeOffset now)
    {
        var metadata = new JsonObject { ["name"] = measured.Name, ["creationTimestamp"] = KubeTime.Text(now) };
        if (kind.Namespaced)
        {
            metadata["namespace"] = measured.Namespace;
        }

        if (measured.Labels.Count > 0)
        {
            metadata["labels"] = new JsonObject(measured.Labels.OrderBy(l => l.Key, StringComparer.Ordinal).Select(l => KeyValuePair.Create(l.Key, (JsonNode?)JsonValue.Create(l.Value))));
        }

        return new JsonObject
        {
            ["apiVersion"] = kind.ApiVersion,
            ["kind"] = kind.Kind,
            ["metadata"] = metadata,
            ["timestamp"] = KubeTime.Text(usage.At),
            ["window"] = Duration(usage.Window),
        };
    }

    /// <summary>The amounts of a usage, such as <c>cpu: 4187339n</c> and <c>memory: 12Mi</c>.</summary>
    public static JsonObject Amounts(ResourceUsage usage) => new()
    {
        ["cpu"] = new Quantity(usage.CpuNanocores, QuantityForm.Decimal).ToString(),
        ["memory"] = new Quantity((Int128)usage.MemoryBytes * NanosPerUnit, QuantityForm.Binary).ToString(),
    };

    /// <summary>The sum of an amount over the <c>usage</c> of all items, for a table.</summary>
    public static string Sum(JsonArray items, string resource)
    {
        var amounts = items.Select(i => Quantity.Read(i?["usage"]?[resource])).OfType<Quantity>().ToList();
        return amounts.Aggregate(new Quantity(0, amounts.Count > 0 ? amounts[0].Form : QuantityForm.Decimal), (sum, amount) => sum with { Nanos = sum.Nanos + amount.Nanos }).ToString();
    }

    // As Go writes a duration, which is how clients read it: "15.02s", "1m0.5s".
    private static string Duration(TimeSpan window)
    {
        var seconds = (window - TimeSpan.FromMinutes((long)window.TotalMinutes)).TotalSeconds.ToString("0.#######", CultureInfo.InvariantCulture) + "s";
        return window.TotalMinutes >= 1 ? string.Create(CultureInfo.InvariantCulture, $"{(long)window.TotalMinutes}m{seconds}") : seconds;
    }
}
