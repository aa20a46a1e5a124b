using System.Buffers;
using System.Globalization;
using System.Net;
using System.Net.Mail;
using System.Net.Sockets;
using System.Text.RegularExpressions;
using Orchestrator.Actors.Api;

namespace Orchestrator.Actors.Schema;

/// <summary>The values of <c>format</c> in a schema document (Kubernetes, "Custom Resources: Validation": the formats that the API server checks).</summary>
internal static partial class TextFormats
{
    private static readonly SearchValues<char> HexDigits = SearchValues.Create("0123456789abcdefABCDEF");

    /// <summary>Whether a text has a format. An unknown format is not checked, as in Kubernetes.</summary>
    public static bool Has(string text, string format) => format switch
    {
        "date-time" or "datetime" => KubeTime.Read(text) is not null,
        "date" => DateOnly.TryParseExact(text, "yyyy-MM-dd", CultureInfo.InvariantCulture, DateTimeStyles.None, out _),
        "duration" => GoDuration().IsMatch(text) || WordedDuration().IsMatch(text),
        "byte" => Convert.TryFromBase64String(text, new byte[text.Length], out _),
        "ipv4" => IsIPv4(text),
        "ipv6" => IsIPv6(text),
        "cidr" => IsCidr(text),
        "mac" => Mac().IsMatch(text),
        "email" => MailAddress.TryCreate(text, out var address) && address.Address == text,
        "uri" => Uri.TryCreate(text, UriKind.Absolute, out _),
        "hostname" => Uri.CheckHostName(text) == UriHostNameType.Dns,
        "uuid" => IsUuid(text, null),
        "uuid3" => IsUuid(text, '3'),
        "uuid4" => IsUuid(text, '4'),
        "uuid5" => IsUuid(text, '5'),
        "bsonobjectid" => text.Length == 24 && IsHex(text),
        "hexcolor" => text.TrimStart('#') is { Length: 3 or 6 } digits && text.Length - digits.Length <= 1 && IsHex(digits),
        "rgbcolor" => RgbColor().Match(text) is { Success: true } match && match.Groups.Values.Skip(1).All(g => byte.TryParse(g.Value, CultureInfo.InvariantCulture, out _)),
        _ => true,
    };

    // IPAddress also reads short and octal forms, such as "127.1"; only the usual form is an address here.
    private static bool IsIPv4(string text) => IPAddress.TryParse(text, out var address) && address.AddressFamily == AddressFamily.InterNetwork && address.ToString() == text;

    // Neither brackets nor a zone.
    private static bool IsIPv6(string text) => text.AsSpan().IndexOfAny('[', '%') < 0 && IPAddress.TryParse(text, out var address) && address.AddressFamily == AddressFamily.InterNetworkV6;

    // The address may have bits after the prefix.
    private static bool IsCidr(string text) => text.Split('/') is [var address, var length] && (length is "0" || length is [not '0', ..])
        && byte.TryParse(length, NumberStyles.None, CultureInfo.InvariantCulture, out var bits) && ((IsIPv4(address) && bits <= 32) || (IsIPv6(address) && bits <= 128));

    private static bool IsUuid(string text, char? version) => (Guid.TryParseExact(text, "D", out var id) || Guid.TryParseExact(text, "N", out id))
        && (version is null || id.ToString("D")[14] == version);

    private static bool IsHex(string text) => text.AsSpan().IndexOfAnyExcept(HexDigits) < 0;

    [GeneratedRegex("^[-+]?([0-9]+(\\.[0-9]*)?|\\.[0-9]+)(ns|us|µs|ms|s|m|h)(([0-9]+(\\.[0-9]*)?|\\.[0-9]+)(ns|us|µs|ms|s|m|h))*\\z", RegexOptions.NonBacktracking)]
    private static partial Regex GoDuration();

    [GeneratedRegex("^[0-9]+ *(ns|nanos?|us|µs|micros?|ms|millis?|s|secs?|seconds?|m|mins?|minutes?|h|hrs?|hours?|d|days?|w|wks?|weeks?)\\z", RegexOptions.NonBacktracking)]
    private static partial Regex WordedDuration();

    [GeneratedRegex("^[0-9a-fA-F]{2}(([:-])[0-9a-fA-F]{2}){5}\\z", RegexOptions.NonBacktracking)]
    private static partial Regex Mac();

    [GeneratedRegex("^rgb\\( *([0-9]{1,3}) *, *([0-9]{1,3}) *, *([0-9]{1,3}) *\\)\\z", RegexOptions.NonBacktracking)]
    private static partial Regex RgbColor();
}
