using System.Collections.Frozen;
using System.IO.Compression;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Orchestrator.Actors.Api;
using Orchestrator.Actors.Resources;

namespace Orchestrator.Node.ApiServer.OpenApi;

/// <summary>The OpenAPI documents of the served kinds: made when first asked for, kept compressed.</summary>
internal sealed class OpenApiDocuments(IReadOnlyCollection<ResourceDefinition> served, string descriptions)
{
    /// <summary>The name of version 2 as protobuf.</summary>
    public const string Protobuf = "v2.pb";

    private readonly IReadOnlyCollection<ResourceDefinition> _kinds = served;
    private FrozenDictionary<string, byte[]>? _documents;
    private readonly Lock _gate = new();

    /// <summary>Changes with anything that could change a document; known without making one.</summary>
    public string Hash { get; } = Convert.ToHexString(SHA256.HashData(Encoding.UTF8.GetBytes(string.Join('\n',
    [
        typeof(OpenApiDocuments).Module.ModuleVersionId.ToString(), typeof(ResourceDefinition).Module.ModuleVersionId.ToString(),
        typeof(k8s.Models.V1Pod).Module.ModuleVersionId.ToString(), File.Exists(descriptions).ToString(),
        .. served.Select(k => $"{k.Resource}/{k.Version} {k.Schema.Document?.ToJsonString()}"),
    ]))));

    /// <summary>The group versions that have a document: <c>api/v1</c>, <c>apis/apps/v1</c>.</summary>
    public IEnumerable<string> Roots => _kinds.Select(Root).Distinct();

    /// <summary>The document of a group version, or of <c>v2</c> or <see cref="Protobuf"/>, as gzip; null when there is none.</summary>
    public byte[]? Find(string root) => (_documents ?? Make()).GetValueOrDefault(root);

    /// <summary>The index of version 3.</summary>
    public byte[] Index() => JsonSerializer.SerializeToUtf8Bytes(new
    {
        paths = Roots.ToDictionary(r => r, r => new { serverRelativeURL = $"/openapi/v3/{r}?hash={Hash}" }),
    });

    private static string Root(ResourceDefinition kind) => kind.Group.Length == 0 ? $"api/{kind.Version}" : $"apis/{kind.Group}/{kind.Version}";

    private FrozenDictionary<string, byte[]> Make()
    {
        lock (_gate)
        {
            if (_documents is null)
            {
                var names = new SchemaNames(_kinds);
                var texts = ModelDescriptions.Read(descriptions, names.Models);
                var second = Document(_kinds, names, texts, isV3: false);
                using var parsed = JsonDocument.Parse(second);
                _documents = _kinds.GroupBy(Root).Select(g => (g.Key, Document(g.ToList(), names, texts, isV3: true)))
                    .Append(("v2", second))
                    .Append((Protobuf, ProtobufDocument.Encode(parsed.RootElement)))
                    .ToFrozenDictionary(d => d.Item1, d => Zip(d.Item2));
            }

            return _documents;
        }
    }

    private static byte[] Zip(byte[] plain)
    {
        using var buffer = new MemoryStream();
        using (var gzip = new GZipStream(buffer, CompressionLevel.Fastest))
        {
            gzip.Write(plain);
        }

        return buffer.ToArray();
    }

    private static byte[] Document(IReadOnlyCollection<ResourceDefinition> kinds, SchemaNames names, ModelDescriptions texts, bool isV3)
    {
        using var buffer = new MemoryStream();
        using (var json = new Utf8JsonWriter(buffer, new JsonWriterOptions { Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping }))
        {
            json.WriteStartObject();
            json.WriteString(isV3 ? "openapi" : "swagger", isV3 ? "3.0.0" : "2.0");
            json.WriteStartObject("info");
            json.WriteString("title", "Kubernetes");
            json.WriteString("version", Release.Kubernetes);
            json.WriteEndObject();
            json.WritePropertyName("paths");
            new PathWriter(json, names, isV3).Write(kinds);
            if (isV3)
            {
                json.WriteStartObject("components");
            }

            json.WritePropertyName(isV3 ? "schemas" : "definitions");
            new SchemaWriter(json, names, texts, isV3).Write(kinds);
            if (isV3)
            {
                json.WriteEndObject();
            }

            json.WriteEndObject();
        }

        return buffer.ToArray();
    }
}
