using System.Globalization;
using System.Numerics;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;

namespace Orchestrator.Actors.Api;

/// <summary>The notation of a quantity, which is preserved: <c>12M</c>, <c>12Mi</c> or <c>12e6</c>.</summary>
internal enum QuantityForm
{
    /// <summary>Suffixes for powers of 1000.</summary>
    Decimal,

    /// <summary>Suffixes for powers of 1024.</summary>
    Binary,

    /// <summary>An exponent of ten.</summary>
    Exponent,
}

/// <summary>An amount such as <c>100m</c>, <c>1.5</c>, <c>2e3</c> or <c>64Mi</c>, as a fixed-point number.</summary>
/// <param name="Nanos">The amount in billionths. Smaller fractions are rounded away from zero, so that no request becomes 0.</param>
/// <param name="Form">Notation.</param>
/// <remarks>The rules are those of the Kubernetes API reference, "Quantity".</remarks>
internal readonly partial record struct Quantity(Int128 Nanos, QuantityForm Form)
{
    private const int MaxLength = 128;
    private static readonly Int128 One = 1_000_000_000;
    private static readonly Int128 Max = long.MaxValue * One;
    private static readonly string[] DecimalUnits = ["n", "u", "m", "", "k", "M", "G", "T", "P", "E"];
    private static readonly string[] BinaryUnits = ["", "Ki", "Mi", "Gi", "Ti", "Pi", "Ei"];

    /// <summary>A whole number of things.</summary>
    public static Quantity Of(long number) => new(number * One, QuantityForm.Decimal);

    /// <summary>Whether the amount is an integer.</summary>
    public bool IsWhole => Nanos % One == 0;

    /// <summary>Parses a JSON string or number; null if it is not a quantity.</summary>
    public static Quantity? Read(JsonNode? node) => node?.GetValueKind() switch
    {
        JsonValueKind.String => Read(node.GetValue<string>()),
        JsonValueKind.Number => Read(node.ToJsonString()),
        _ => null,
    };

    /// <summary>Parses a string; null if it is not a quantity. The absolute value is limited to 2^63-1.</summary>
    public static Quantity? Read(string text)
    {
        if (text.Length > MaxLength || Parts().Match(text) is not { Success: true } match)
        {
            return null;
        }

        var (whole, fraction, unit) = (match.Groups["whole"].Value, match.Groups["fraction"].Value, match.Groups["unit"].Value);
        var digits = BigInteger.Parse($"0{whole}{fraction}", NumberStyles.None, CultureInfo.InvariantCulture);
        var (form, factor, tens) = match.Groups["exponent"] is { Success: true } exponent
            ? (QuantityForm.Exponent, BigInteger.One, int.Parse(exponent.ValueSpan, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture))
            : unit.EndsWith('i') ? (QuantityForm.Binary, BigInteger.Pow(1024, Array.IndexOf(BinaryUnits, unit)), 0)
            : (QuantityForm.Decimal, BigInteger.One, 3 * (Array.IndexOf(DecimalUnits, unit) - 3));
        var nanos = Scaled(digits * factor, tens + 9 - fraction.Length);
        var magnitude = nanos > Max ? Max : (Int128)nanos;
        return new Quantity(match.Groups["sign"].Value == "-" ? -magnitude : magnitude, form);
    }

    /// <summary>Adds amounts. The notation is that of the first one that is not 0.</summary>
    public static Quantity operator +(Quantity a, Quantity b) => new(a.Nanos + b.Nanos, a.Nanos == 0 ? b.Form : a.Form);

    /// <summary>Subtracts amounts.</summary>
    public static Quantity operator -(Quantity a, Quantity b) => a + (b with { Nanos = -b.Nanos });

    /// <summary>Rounds away from zero to thousandths, the finest unit of any resource.</summary>
    public Quantity RoundedToMilli()
    {
        var rest = Nanos % 1_000_000;
        return rest == 0 ? this : this with { Nanos = Nanos - rest + (Int128.Sign(Nanos) * 1_000_000) };
    }

    /// <summary>Returns the canonical form: no fraction, and the largest suffix that keeps the exact amount.</summary>
    public override string ToString()
    {
        if (Nanos == 0)
        {
            return "0";
        }

        // Binary suffixes start at 1024, and fractions need a decimal suffix.
        if (Form == QuantityForm.Binary && IsWhole && Int128.Abs(Nanos) >= 1024 * One)
        {
            var (amount, binary) = Largest(Nanos / One, 1024, BinaryUnits.Length - 1);
            return $"{Text(amount)}{BinaryUnits[binary]}";
        }

        var (number, unit) = Largest(Nanos, 1000, Form == QuantityForm.Exponent ? int.MaxValue : DecimalUnits.Length - 1);
        return Form != QuantityForm.Exponent ? $"{Text(number)}{DecimalUnits[unit]}"
            : unit == 3 ? Text(number) : string.Create(CultureInfo.InvariantCulture, $"{Text(number)}e{3 * (unit - 3)}");
    }

    // Multiplies by a power of ten and rounds up.
    private static BigInteger Scaled(BigInteger number, int tens)
    {
        if (tens >= 0)
        {
            return number * BigInteger.Pow(10, tens);
        }

        var (quotient, rest) = BigInteger.DivRem(number, BigInteger.Pow(10, -tens));
        return rest.IsZero ? quotient : quotient + 1;
    }

    private static (Int128 Number, int Times) Largest(Int128 number, int factor, int most)
    {
        var times = 0;
        while (times < most && number % factor == 0)
        {
            (number, times) = (number / factor, times + 1);
        }

        return (number, times);
    }

    private static string Text(Int128 number) => number.ToString(CultureInfo.InvariantCulture);

    [GeneratedRegex(@"^(?<sign>[-+]?)((?<whole>[0-9]+)(\.(?<fraction>[0-9]*))?|\.(?<fraction>[0-9]+))([eE](?<exponent>[-+]?[0-9]{1,3})|(?<unit>[numkMGTPE]|[KMGTPE]i)?)\z")]
    private static partial Regex Parts();
}
