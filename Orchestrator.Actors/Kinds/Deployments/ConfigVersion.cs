using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;
using Orchestrator.Actors.Api;
using Orchestrator.Actors.Kinds.Secrets;

namespace Orchestrator.Actors.Kinds.Deployments;

/// <summary>Tells one content of a ConfigMap or Secret from another, without its labels and annotations.</summary>
/// <param name="Text">Ten hexadecimal digits.</param>
internal sealed record ConfigVersion(string Text)
{
    /// <summary>Returns the version of an object; cached, because it may have 1 MiB.</summary>
    public static ConfigVersion Of(KubeObject config) => config.Outline(Read);

    // A hash of a password by which it can be guessed must not stand where others read it: that of a Secret is keyed by the uid, which only those know
    // who may read the Secret itself.
    private static ConfigVersion Read(KubeObject config)
    {
        var node = config.ToNode();
        var content = Encoding.UTF8.GetBytes(new JsonArray(Sorted(node["data"]), Sorted(node["binaryData"])).ToJsonString());
        var key = config.Kind == SecretDefinition.Instance ? Encoding.UTF8.GetBytes(config.Uid) : [];
        return new ConfigVersion(Convert.ToHexStringLower(HMACSHA256.HashData(key, content))[..10]);
    }

    private static JsonObject Sorted(JsonNode? map) => new((map as JsonObject ?? []).OrderBy(p => p.Key, StringComparer.Ordinal)
        .Select(p => KeyValuePair.Create(p.Key, p.Value?.DeepClone())));
}
