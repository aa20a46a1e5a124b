using System.Net;
using System.Text.Json.Nodes;
using Orchestrator.Actors.Validation;
using static Orchestrator.Actors.Validation.MetadataValidation;

namespace Orchestrator.Actors.Kinds.Pods;

/// <summary>Validates <c>dnsConfig</c> and <c>hostAliases</c> of a pod (Kubernetes, "Pod's DNS Config", "Adding entries to Pod /etc/hosts").</summary>
internal static class DnsValidation
{
    private const int MostNameservers = 3;
    private const int MostSearches = 32;
    private const int MostSearchCharacters = 2048;

    public static void Check(FieldErrors causes, string path, JsonObject? spec)
    {
        var config = spec?["dnsConfig"] as JsonObject;
        var nameservers = Texts(config, "nameservers");
        if (Text(spec, "dnsPolicy") == "None" && nameservers.Count == 0)
        {
            causes.Required($"{path}.dnsConfig.nameservers", "with dnsPolicy None a pod knows no name server but these: give at least one");
        }

        causes.AtMost($"{path}.dnsConfig.nameservers", nameservers.Count, MostNameservers);
        foreach (var (server, i) in nameservers.Select((s, i) => (s, i)).Where(s => !IsAddress(s.s)))
        {
            causes.Invalid($"{path}.dnsConfig.nameservers[{i}]", server, "must be an IP address, such as 10.0.0.10");
        }

        var searches = Texts(config, "searches");
        causes.AtMost($"{path}.dnsConfig.searches", searches.Count, MostSearches);
        if (searches.Sum(s => s.Length + 1) - 1 > MostSearchCharacters)
        {
            causes.Invalid($"{path}.dnsConfig.searches", string.Join(' ', searches), $"must have no more than {MostSearchCharacters} characters in all, with the spaces between");
        }

        foreach (var (domain, i) in searches.Select((s, i) => (s, i)))
        {
            // A dot alone is the root, and a name may end with one; many domains have labels that begin with an underscore.
            if (domain != "." && Names.Subdomain(domain.TrimEnd('.').Replace("_", "", StringComparison.Ordinal)) is { } error)
            {
                causes.Invalid($"{path}.dnsConfig.searches[{i}]", domain, error);
            }
        }

        foreach (var (option, i) in Items(config, "options"))
        {
            if (Text(option, "name") is null or "")
            {
                causes.Required($"{path}.dnsConfig.options[{i}].name");
            }
        }

        foreach (var (alias, i) in Items(spec, "hostAliases"))
        {
            if (!IsAddress(Text(alias, "ip")))
            {
                causes.Invalid($"{path}.hostAliases[{i}].ip", Text(alias, "ip"), "must be an IP address, such as 10.0.0.10");
            }

            foreach (var (name, n) in Texts(alias, "hostnames").Select((s, n) => (s, n)))
            {
                if (Names.Subdomain(name) is { } error)
                {
                    causes.Invalid($"{path}.hostAliases[{i}].hostnames[{n}]", name, error);
                }
            }
        }
    }

    private static string? Text(JsonObject? o, string name) => o?[name]?.GetValue<string>();

    // The framework also reads short forms, such as 10.1 for 10.0.0.1.
    private static bool IsAddress(string? text) => IPAddress.TryParse(text, out _) && (text.Contains(':', StringComparison.Ordinal) || text.Count(c => c == '.') == 3);

    private static List<string> Texts(JsonObject? o, string list) => [.. (o?[list] as JsonArray ?? []).Select(v => (string?)v ?? "")];
}
