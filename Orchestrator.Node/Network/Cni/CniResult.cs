using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;
using System.Text.Json.Nodes;

namespace Orchestrator.Node.Network.Cni;

/// <summary>What a pod got from plugins (CNI specification, section 5). Pure.</summary>
/// <param name="Addresses">The pod's addresses; that of IPv4 first, if it has one.</param>
/// <param name="Gateway">The address that the pod sends to first; null if it has none.</param>
internal sealed record CniResult(PodAddresses Addresses, IPAddress? Gateway)
{
    private const int LongestMessage = 1024;

    /// <summary>Reads the result of the last plugin.</summary>
    /// <exception cref="NetworkException">It has no address for the pod.</exception>
    public static CniResult Of(JsonObject body)
    {
        var interfaces = CniJson.Items(body["interfaces"]).Select(i => i as JsonObject).ToList();

        // Without an interface it is the pod's; that of an interface without a sandbox is the host's.
        bool IsOfPod(JsonObject ip) => ip["interface"] is not JsonValue number || !number.TryGetValue<int>(out var index)
            || (index >= 0 && index < interfaces.Count && CniJson.Text(interfaces[index]?["sandbox"]) is { Length: > 0 });

        var found = CniJson.Items(body["ips"]).OfType<JsonObject>().Where(IsOfPod).Select(ip => (Address: Parsed(CniJson.Text(ip["address"])?.Split('/')[0]), Gateway: Parsed(CniJson.Text(ip["gateway"]))))
            .Where(ip => ip.Address is not null).DistinctBy(ip => ip.Address!.AddressFamily).OrderBy(ip => ip.Address!.AddressFamily != AddressFamily.InterNetwork).ToList();
        return found is [{ Address: { } first } main, ..] ? new CniResult(new PodAddresses(first, found.ElementAtOrDefault(1).Address), main.Gateway)
            : throw new NetworkException("the plugins gave the pod no address");
    }

    /// <summary>The versions that a plugin says it knows.</summary>
    public static IReadOnlyCollection<string> Versions(JsonObject body) => [.. CniJson.Items(body["supportedVersions"]).Select(CniJson.Text).OfType<string>()];

    /// <summary>Why a plugin failed, on one line: what it says in the form of the specification, or else whatever it printed.</summary>
    /// <param name="type">The plugin.</param>
    /// <param name="exitCode">With what it ended.</param>
    /// <param name="output">What it printed.</param>
    /// <param name="errors">What it printed as errors.</param>
    public static string Failure(string type, int exitCode, string output, string errors)
    {
        var (code, said) = Said(output) ?? (null, string.Join(' ', output, errors));
        var text = Line(said) is { Length: > 0 } line ? line : string.Create(CultureInfo.InvariantCulture, $"it ended with {exitCode} and said nothing");
        return code is null ? $"plugin {type}: {text}" : string.Create(CultureInfo.InvariantCulture, $"plugin {type}: {text} (code {code})");
    }

    private static (int? Code, string Text)? Said(string output)
    {
        try
        {
            var body = CniJson.Read(output, "");
            return CniJson.Text(body["msg"]) is { Length: > 0 } message
                ? (body["code"] is JsonValue code && code.TryGetValue<int>(out var number) ? number : null, CniJson.Text(body["details"]) is { Length: > 0 } details ? $"{message}: {details}" : message) : null;
        }
        catch (NetworkException)
        {
            return null;
        }
    }

    // It goes into events and logs.
    private static string Line(string text)
    {
        var line = new StringBuilder();
        foreach (var rune in text.EnumerateRunes().TakeWhile(_ => line.Length < LongestMessage))
        {
            line.Append(Rune.IsControl(rune) ? " " : rune.ToString());
        }

        return line.ToString().Trim();
    }

    private static IPAddress? Parsed(string? text) => IPAddress.TryParse(text, out var address) ? address : null;
}
