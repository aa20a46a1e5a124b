using System.Text.Json.Nodes;
using Orchestrator.Tests.Kit;
using YamlDotNet.Serialization;

namespace Orchestrator.Tests.Policies;

/// <summary>A row of <c>policies.yaml</c>.</summary>
/// <param name="Name">What it shows.</param>
/// <param name="Row">The row.</param>
internal sealed record PolicyCase(string Name, JsonObject Row)
{
    /// <summary>All rows.</summary>
    public static IReadOnlyList<PolicyCase> All { get; } = Read();

    // What stands for blocks of IPv4 in the row when IPv6 is tried: {..} are the pods' addresses, and all of them are in fd00:61::/32.
    private static readonly (string Of4, string Of6)[] Blocks = [("::/0", "0.0.0.0/zero"), ("0.0.0.0/0", "::/0"), ("0.0.0.0/zero", "0.0.0.0/0"), ("10.0.0.0/8", "fd00:61::/32"), ("10.1.2.3/8", "fd00:61:1:2::3/32"), ("}/32", "}/128")];

    /// <summary>The policies, with addresses in place of the names of pods in braces.</summary>
    /// <param name="addressOf">The address of a pod.</param>
    /// <param name="isIPv6">Whether blocks are of IPv6.</param>
    public IEnumerable<JsonObject> Policies(Func<string, string> addressOf, bool isIPv6 = false) => (Row["policies"] as JsonArray ?? []).Select((p, i) => (JsonObject)JsonNode.Parse(
        System.Text.RegularExpressions.Regex.Replace($$"""
            { "apiVersion": "networking.k8s.io/v1", "kind": "NetworkPolicy", "metadata": { "namespace": "{{p!["ns"]}}", "name": "{{p["name"] ?? "p"}}", "uid": "{{p["name"] ?? "p"}}" }, "spec": {{Blocks.Aggregate(p["spec"]!.ToJsonString(), (text, b) => isIPv6 ? text.Replace(b.Of4, b.Of6, StringComparison.Ordinal) : text)}} }
            """, @"\{([xyz]/[ab])\}", m => addressOf(m.Groups[1].Value)))!);

    /// <summary>Whether a policy names addresses.</summary>
    public bool HasBlocks => Row["policies"]!.ToJsonString().Contains("ipBlock", StringComparison.Ordinal);

    /// <summary>Whether packets get through.</summary>
    public bool IsAllowed(string from, string to, string port) => from == to || from == "node" || !Names("denied", from, to, port) || Names("allowed", from, to, port);

    private bool Names(string list, string from, string to, string port) => (Row[list] as JsonArray ?? []).Any(line =>
    {
        var sides = ((string)line!).Split(" > ");
        var target = sides[1].Split(':');
        return (sides[0] == "*" || sides[0] == from) && (target[0] == "*" || target[0] == to) && (target.Length == 1 || target[1] == port);
    });

    private static List<PolicyCase> Read()
    {
        var path = Path.Combine(Repository.Root, "Orchestrator.Tests", "Policies", "policies.yaml");
        var json = new SerializerBuilder().JsonCompatible().Build().Serialize(new DeserializerBuilder().WithAttemptingUnquotedStringTypeDeserialization().Build().Deserialize(File.ReadAllText(path))!);
        return [.. JsonNode.Parse(json)!.AsArray().Select(r => new PolicyCase((string)r!["name"]!, (JsonObject)r))];
    }
}
