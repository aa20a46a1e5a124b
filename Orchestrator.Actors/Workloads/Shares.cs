using System.Globalization;
using System.Text.Json.Nodes;
using Orchestrator.Actors.Api;
using Orchestrator.Actors.Validation;

namespace Orchestrator.Actors.Workloads;

/// <summary>Numbers that may be percentages, such as <c>maxSurge</c> and <c>maxUnavailable</c>.</summary>
internal static class Shares
{
    /// <summary>Validates a number or percentage.</summary>
    /// <param name="errors">Where to report to.</param>
    /// <param name="path">Path of its object.</param>
    /// <param name="o">Its object.</param>
    /// <param name="name">Its name.</param>
    /// <param name="atMost100">Whether more than 100 % are refused.</param>
    /// <returns>The number, or that of the percentage; null if it is absent or invalid.</returns>
    public static long? Check(FieldErrors errors, string path, JsonObject? o, string name, bool atMost100)
    {
        if (o?[name] is not { } value)
        {
            return null;
        }

        if (value.AsInt64() is { } number)
        {
            errors.NotNegative(path, o, name);
            return number;
        }

        if ((string?)value is not { } text || !text.EndsWith('%') || !int.TryParse(text.AsSpan(..^1), NumberStyles.None, CultureInfo.InvariantCulture, out var percent))
        {
            errors.Invalid($"{path}.{name}", value, "a valid percent string must be a numeric string followed by an ending '%'");
            return null;
        }

        if (atMost100 && percent > 100)
        {
            errors.Invalid($"{path}.{name}", value, "must not be greater than 100%");
        }

        return percent;
    }

    /// <summary>Returns the number, or the percentage of a total, rounded.</summary>
    /// <param name="value"><c>3</c> or <c>30%</c>.</param>
    /// <param name="total">What 100 % is.</param>
    /// <param name="round"><see cref="Math.Ceiling(decimal)"/> or <see cref="Math.Floor(decimal)"/>.</param>
    public static int Of(string value, int total, Func<decimal, decimal> round) => value.EndsWith('%')
        ? (int)round(int.Parse(value.AsSpan()[..^1], NumberStyles.Integer, CultureInfo.InvariantCulture) * total / 100m)
        : int.Parse(value, NumberStyles.Integer, CultureInfo.InvariantCulture);
}
