using System.Text.Json.Nodes;

namespace Orchestrator.Node.Network.Cni;

/// <summary>A plugin of a chain. Pure.</summary>
/// <param name="Type">Name of its program.</param>
/// <param name="Body">Its configuration.</param>
internal sealed record CniPlugin(string Type, JsonObject Body)
{
    private const string Capabilities = "capabilities";

    /// <summary>Reads a plugin; null if it has no name that could be one of a program in a folder.</summary>
    public static CniPlugin? Read(JsonNode? node) =>
        node is JsonObject body && CniJson.Text(body["type"]) is { Length: > 0 } type && type is not ("." or "..") && type.IndexOfAny(['/', '\0']) < 0 ? new CniPlugin(type, body) : null;

    /// <summary>Whether it says that it has a capability.</summary>
    public bool Has(string capability) => CniJson.IsTrue((Body[Capabilities] as JsonObject)?[capability]);

    /// <summary>What the plugin reads: its configuration with what the runtime adds (CNI specification, section 3, "Deriving execution configuration").</summary>
    /// <param name="network">Name of the network.</param>
    /// <param name="version">Version of the specification.</param>
    /// <param name="runtime">What there is for capabilities; the plugin is told of those that it says it has.</param>
    /// <param name="previous">The result before; null if there is none.</param>
    public JsonObject Request(string network, string version, JsonObject runtime, JsonObject? previous = null)
    {
        var request = (JsonObject)Body.DeepClone();
        request.Remove(Capabilities);
        request["cniVersion"] = version;
        request["name"] = network;
        var told = new JsonObject(runtime.Where(r => Has(r.Key)).Select(r => KeyValuePair.Create(r.Key, r.Value?.DeepClone())));
        if (told.Count > 0)
        {
            request["runtimeConfig"] = told;
        }

        if (previous is not null)
        {
            var result = (JsonObject)previous.DeepClone();
            result["cniVersion"] = version;
            request["prevResult"] = result;
        }

        return request;
    }
}
