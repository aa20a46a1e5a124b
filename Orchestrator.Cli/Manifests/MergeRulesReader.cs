using System.Text.Json.Nodes;
using Orchestrator.Cli.Client;

namespace Orchestrator.Cli.Manifests;

/// <summary>Reads the rules of kinds from the OpenAPI documents of the server, each document once.</summary>
internal sealed class MergeRulesReader(ApiClient client)
{
    private readonly Dictionary<(string Group, string Version), JsonObject?> _documents = [];

    /// <summary>Returns the rules of a kind, and the media type of patches that it supports.</summary>
    /// <returns>No rules and a JSON merge patch if the server publishes none for the kind.</returns>
    public async Task<(MergeRules Rules, string PatchType)> ReadAsync(ResourceType type, CancellationToken cancellation)
    {
        if (await DocumentAsync(type.Group, type.Version, cancellation) is not { } document)
        {
            return (MergeRules.None, ApiClient.MergePatch);
        }

        var patches = (document["paths"] as JsonObject ?? []).Select(p => p.Value?["patch"]).OfType<JsonObject>();
        var isStrategic = patches.Any(p => IsOf(type, p["x-kubernetes-group-version-kind"]) && p["requestBody"]?["content"]?[ApiClient.StrategicMergePatch] is not null);
        var component = (document["components"]?["schemas"] as JsonObject ?? [])
            .FirstOrDefault(s => s.Value?["x-kubernetes-group-version-kind"] is JsonArray kinds && kinds.Any(k => IsOf(type, k))).Key;
        return isStrategic && component is not null ? (MergeRules.Of(document, component), ApiClient.StrategicMergePatch) : (MergeRules.None, ApiClient.MergePatch);
    }

    // Null if the server has none.
    private async Task<JsonObject?> DocumentAsync(string group, string version, CancellationToken cancellation)
    {
        if (!_documents.TryGetValue((group, version), out var document))
        {
            document = await client.FindAsync($"/openapi/v3/{(group.Length == 0 ? "api" : $"apis/{group}")}/{version}", cancellation);
            _documents.Add((group, version), document);
        }

        return document;
    }

    private static bool IsOf(ResourceType type, JsonNode? kind) =>
        (string?)kind?["group"] == type.Group && (string?)kind?["version"] == type.Version && (string?)kind?["kind"] == type.Kind;
}
