using System.Globalization;

namespace Orchestrator.Actors.Workloads;

/// <summary>Numbers that may be percentages, such as <c>maxSurge</c> and <c>maxUnavailable</c>.</summary>
internal static class Shares
{
    /// <summary>Returns the number, or the percentage of a total, rounded.</summary>
    /// <param name="value"><c>3</c> or <c>30%</c>.</param>
    /// <param name="total">What 100 % is.</param>
    /// <param name="round"><see cref="Math.Ceiling(decimal)"/> or <see cref="Math.Floor(decimal)"/>.</param>
    public static int Of(string value, int total, Func<decimal, decimal> round) => value.EndsWith('%')
        ? (int)round(int.Parse(value.AsSpan()[..^1], NumberStyles.Integer, CultureInfo.InvariantCulture) * total / 100m)
        : int.Parse(value, NumberStyles.Integer, CultureInfo.InvariantCulture);
}
