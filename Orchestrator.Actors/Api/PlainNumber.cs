using System.Globalization;

namespace Orchestrator.Actors.Api;

/// <summary>Numbers that people write in settings and annotations.</summary>
internal static class PlainNumber
{
    /// <summary>Parses digits with or without a fraction; null for anything else, such as a sign, an exponent, and the words Infinity and NaN, which the runtime library reads whatever style it is told.</summary>
    public static double? Read(ReadOnlySpan<char> text) =>
        !text.ContainsAnyExcept("0123456789.") && double.TryParse(text, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var number) && double.IsFinite(number) ? number : null;
}
