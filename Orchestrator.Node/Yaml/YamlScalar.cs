using System.Globalization;
using System.Numerics;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;

namespace Orchestrator.Node.Yaml;

/// <summary>What a scalar without quotes and tag can be.</summary>
internal enum YamlKind
{
    /// <summary>Nothing.</summary>
    Null,

    /// <summary>True or false.</summary>
    Flag,

    /// <summary>A whole number.</summary>
    Whole,

    /// <summary>A floating point number.</summary>
    Fraction,

    /// <summary>Anything else.</summary>
    Text,
}

/// <summary>The meaning of a plain scalar, as kubectl has it: YAML 1.1, so that <c>yes</c> and <c>n</c> are flags and 0644 is octal.</summary>
internal static partial class YamlScalar
{
    // More digits of a power of two than this are no number that anybody means.
    private const int MaxDigits = 128;

    /// <summary>The kind and the JSON value; a fraction without a value is one that JSON does not know.</summary>
    public static (YamlKind Kind, JsonValue? Value) Read(string text)
    {
        switch (text)
        {
            case "" or "~" or "null" or "Null" or "NULL":
                return (YamlKind.Null, null);
            case "y" or "Y" or "yes" or "Yes" or "YES" or "true" or "True" or "TRUE" or "on" or "On" or "ON":
                return (YamlKind.Flag, JsonValue.Create(true));
            case "n" or "N" or "no" or "No" or "NO" or "false" or "False" or "FALSE" or "off" or "Off" or "OFF":
                return (YamlKind.Flag, JsonValue.Create(false));
        }

        if (NoNumber().IsMatch(text))
        {
            return (YamlKind.Fraction, null);
        }

        // Digits may stand in groups: 1_000.
        var plain = char.IsAsciiDigit(text[0]) || text[0] is '+' or '-' ? text.Replace("_", "", StringComparison.Ordinal) : text;
        if (Whole().Match(plain) is { Success: true } whole && plain.Length <= (whole.Groups["ten"].Success ? int.MaxValue : MaxDigits))
        {
            return (YamlKind.Whole, Number(Digits(whole)));
        }

        return Fraction().IsMatch(plain) && double.TryParse(plain, NumberStyles.Float, CultureInfo.InvariantCulture, out var number) && double.IsFinite(number)
            ? (YamlKind.Fraction, Number(Text(number))) : (YamlKind.Text, JsonValue.Create(text));
    }

    // Decimal digits are kept as they are: numbers of any length are exact.
    private static string Digits(Match whole)
    {
        var digits = whole.Groups["ten"] is { Success: true } ten ? ten.Value
            : whole.Groups["hex"] is { Success: true } hex ? Ten(hex.ValueSpan, 16)
            : whole.Groups["eight"] is { Success: true } eight ? Ten(eight.ValueSpan, 8)
            : Ten(whole.Groups["two"].ValueSpan, 2);
        return whole.Groups["sign"].Value == "-" && digits != "0" ? $"-{digits}" : digits;
    }

    private static string Ten(ReadOnlySpan<char> digits, int by)
    {
        var sum = BigInteger.Zero;
        foreach (var digit in digits)
        {
            sum = (sum * by) + Convert.ToInt32(digit.ToString(), 16);
        }

        return sum.ToString(CultureInfo.InvariantCulture);
    }

    // Whole ones without an exponent, as far as kubectl writes them so: 1.0 is 1 and 129e6 is 129000000.
    private static string Text(double number) => double.IsInteger(number) && Math.Abs(number) < 1e21
        ? new BigInteger(number).ToString(CultureInfo.InvariantCulture) : number.ToString("R", CultureInfo.InvariantCulture);

    private static JsonValue? Number(string json)
    {
        using var document = JsonDocument.Parse(json);
        return JsonValue.Create(document.RootElement.Clone());
    }

    [GeneratedRegex(@"^(\.(nan|NaN|NAN)|[-+]?\.(inf|Inf|INF))\z")]
    private static partial Regex NoNumber();

    [GeneratedRegex(@"^(?<sign>[-+]?)(0[xX](?<hex>[0-9a-fA-F]+)|0[bB](?<two>[01]+)|0[oO]?(?<eight>[0-7]+)|(?<ten>0|[1-9][0-9]*))\z")]
    private static partial Regex Whole();

    [GeneratedRegex(@"^[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?\z")]
    private static partial Regex Fraction();
}
