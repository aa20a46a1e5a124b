using System.Collections.Concurrent;
using System.IO.Compression;
using System.Text.Json.Nodes;
using Orchestrator.Actors.Resources;
using Orchestrator.Node.ApiServer.OpenApi;

namespace Orchestrator.Tests.Kit;

/// <summary>The OpenAPI documents of the built-in kinds, as a server publishes them.</summary>
internal static class PublishedSchemas
{
    private static readonly OpenApiDocuments Documents = new(new ResourceRegistry().Served, ModelDescriptions.DefaultPath);
    private static readonly ConcurrentDictionary<string, JsonObject> Read = [];

    /// <summary>A document; not to be changed.</summary>
    /// <param name="root">Such as <c>api/v1</c>.</param>
    public static JsonObject Document(string root) => Read.GetOrAdd(root, static r =>
    {
        using var plain = new GZipStream(new MemoryStream(Documents.Find(r)!), CompressionMode.Decompress);
        return (JsonObject)JsonNode.Parse(plain)!;
    });
}
