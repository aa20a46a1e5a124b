using System.Text.Json.Nodes;
using CsCheck;
using Orchestrator.Actors.Api;
using Orchestrator.Actors.Kinds.Pods;

namespace Orchestrator.Tests.Api;

/// <summary>Amounts have one text in each of the three forms.</summary>
public class QuantitySpec
{
    private static readonly Gen<string> Texts = Gen.Select(
        AnyOf("", "-", "+"), Gen.ULong, AnyOf("", ".", ".5", ".000000001", ".0000000001", ".1234567890123", ".250"), Gen.Int[0, 19],
        AnyOf("", "n", "u", "m", "k", "M", "G", "T", "P", "E", "Ki", "Mi", "Gi", "Ti", "Pi", "Ei", "e0", "e3", "E1", "e-2", "e20", "E-20"))
        .Select((sign, number, fraction, shorter, unit) => $"{sign}{number / UInt128.Parse("1" + new string('0', shorter), null)}{fraction}{unit}");

    [Theory]
    [InlineData("0", "0")]
    [InlineData("-0", "0")]
    [InlineData("0Ki", "0")]
    [InlineData("1000m", "1")]
    [InlineData("1.0", "1")]
    [InlineData("+1.", "1")]
    [InlineData(".5", "500m")]
    [InlineData("0.5", "500m")]
    [InlineData("-0.5", "-500m")]
    [InlineData("1.5", "1500m")]
    [InlineData("1000", "1k")]
    [InlineData("1024", "1024")]
    [InlineData("100000000", "100M")]
    [InlineData("2899102924800m", "2899102924800m")]
    [InlineData("1234567u", "1234567u")]
    // Binary units stay, unless the amount is small or has a fraction.
    [InlineData("1024Ki", "1Mi")]
    [InlineData("1.5Gi", "1536Mi")]
    [InlineData("0.5Ki", "512")]
    [InlineData("1000Ki", "1000Ki")]
    [InlineData("1.0001Ki", "1024102400u")]
    [InlineData("-2048Mi", "-2Gi")]
    // So do exponents.
    [InlineData("129e6", "129e6")]
    [InlineData("1E3", "1e3")]
    [InlineData("1e4", "10e3")]
    [InlineData("5e0", "5")]
    [InlineData("5E-1", "500e-3")]
    [InlineData("1E", "1E")]
    // Finer than a billionth is rounded up; larger than 2^63-1 is cut off.
    [InlineData("0.30000000000000004", "300000001n")]
    [InlineData("0.1n", "1n")]
    [InlineData("-0.1n", "-1n")]
    [InlineData("1e-999", "1e-9")]
    [InlineData("9223372036854775807", "9223372036854775807")]
    [InlineData("9223372036854775808", "9223372036854775807")]
    [InlineData("-10E", "-9223372036854775807")]
    [InlineData("8Ei", "9223372036854775807")]
    [InlineData("1e999", "9223372036854775807")]
    public void A_quantity_is_printed_in_its_one_form(string text, string canonical) => Assert.Equal(canonical, Quantity.Read(text)?.ToString());

    [Theory]
    [InlineData("")]
    [InlineData(".")]
    [InlineData("much")]
    [InlineData("1 Gi")]
    [InlineData(" 1")]
    [InlineData("1\n")]
    [InlineData("1K")]
    [InlineData("1ki")]
    [InlineData("1e")]
    [InlineData("1e1.5")]
    [InlineData("1e3k")]
    [InlineData("--1")]
    [InlineData("1.2.3")]
    [InlineData("0x10")]
    [InlineData("٣")]
    public void What_is_no_quantity_is_not_read(string text) => Assert.Null(Quantity.Read(text));

    [Theory]
    [InlineData("\"250m\"", "250m")]
    [InlineData("0.25", "250m")]
    [InlineData("1e3", "1e3")]
    [InlineData("true", null)]
    [InlineData("null", null)]
    [InlineData("[]", null)]
    public void Json_texts_and_numbers_are_quantities(string json, string? canonical) =>
        Assert.Equal(canonical, Quantity.Read(JsonNode.Parse(json))?.ToString());

    [Fact]
    public void The_one_form_says_the_same_amount_and_has_itself_as_its_one_form() => Texts.Sample(text =>
    {
        var quantity = Quantity.Read(text)!.Value;
        var canonical = quantity.ToString();
        var again = Quantity.Read(canonical)!.Value;
        Assert.Equal(quantity.Nanos, again.Nanos);
        Assert.Equal(canonical, again.ToString());
    });

    [Fact]
    public void Rounding_to_thousandths_goes_away_from_zero_and_by_less_than_one() => Texts.Sample(text =>
    {
        var quantity = Quantity.Read(text)!.Value;
        var rounded = quantity.RoundedToMilli();
        var grown = (rounded.Nanos - quantity.Nanos) * Int128.Sign(quantity.Nanos);
        Assert.Equal(0, rounded.Nanos % 1_000_000);
        Assert.InRange(grown, 0, 999_999);
        Assert.Equal(quantity.Form, rounded.Form);
    });

    [Theory]
    [InlineData("cpu", "\"0.30000000000000004\"", "301m")]
    [InlineData("cpu", "\"1u\"", "1m")]
    [InlineData("cpu", "0.1", "100m")]
    [InlineData("memory", "\"129e6\"", "129e6")]
    [InlineData("memory", "\"300m\"", "300m")]
    [InlineData("memory", "\"1.5Gi\"", "1536Mi")]
    [InlineData("memory", "9223372036854775808", "9223372036854775807")]
    public void Requests_of_pods_get_their_one_form_in_thousandths(string resource, string amount, string stored)
    {
        var container = new JsonObject { ["name"] = "a", ["resources"] = new JsonObject { ["requests"] = new JsonObject { [resource] = JsonNode.Parse(amount) } } };
        var spec = new JsonObject { ["containers"] = new JsonArray(container) };
        PodDefaults.Apply(spec);
        Assert.Equal(stored, (string?)spec["containers"]![0]!["resources"]!["requests"]![resource]);
        var once = spec.ToJsonString();
        PodDefaults.Apply(spec);
        Assert.Equal(once, spec.ToJsonString());
    }

    private static Gen<string> AnyOf(params string[] texts) => Gen.Int[0, texts.Length - 1].Select(i => texts[i]);
}
