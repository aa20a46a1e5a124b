using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Orchestrator.Node.Yaml;

namespace Orchestrator.Node.ApiServer.Requests;

/// <summary>Reads a body of one YAML document into nodes and keeps which fields were said twice; of those the last counts.</summary>
internal static class YamlBody
{
    private static readonly Encoding Strict = new UTF8Encoding(false, throwOnInvalidBytes: true);

    public static JsonNode? Parse(byte[] body, List<string> duplicates)
    {
        // Of further documents no more is read than that there is one.
        var documents = YamlReader.Read(Strict.GetString(body), (path, _) => duplicates.Add($"duplicate field \"{path}\"")).Take(2).ToList();
        return documents.Count < 2 ? documents.FirstOrDefault() : throw new JsonException("there is more than one document in it");
    }
}
