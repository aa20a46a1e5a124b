using System.IO.Compression;
using System.Text.Json.Nodes;
using Orchestrator.Actors.Resources;
using Orchestrator.Node.ApiServer.Discovery;
using Orchestrator.Node.ApiServer.OpenApi;
using Orchestrator.Node.ApiServer.Requests;

namespace Orchestrator.Tests.ApiServer;

/// <summary>The documents that kubectl explain and validation read, without a server.</summary>
public class OpenApiSpec
{
    private static readonly OpenApiDocuments Documents = new(BuiltIn.All, ModelDescriptions.DefaultPath);

    [Theory]
    [InlineData("api/v1", "components/schemas")]
    [InlineData("apis/apps/v1", "components/schemas")]
    [InlineData("v2", "definitions")]
    public void Every_reference_leads_to_a_schema(string root, string place)
    {
        var document = Read(root);
        var schemas = place.Split('/').Aggregate(document, (n, part) => n[part]!).AsObject();
        var references = Descendants(document).Where(p => p is { Name: "$ref", Value: JsonValue }).Select(p => p.Value.GetValue<string>()).Distinct().ToList();
        Assert.True(references.Count > 20);
        Assert.All(references, r =>
        {
            Assert.StartsWith($"#/{place}/", r, StringComparison.Ordinal);
            Assert.True(schemas.ContainsKey(r[(place.Length + 3)..]), r);
        });
    }

    [Fact]
    public void Every_served_kind_has_a_schema_a_list_and_a_path_with_field_validation()
    {
        Assert.All(BuiltIn.All, kind =>
        {
            var root = kind.Group.Length == 0 ? $"api/{kind.Version}" : $"apis/{kind.Group}/{kind.Version}";
            var document = Read(root);
            var named = document["components"]!["schemas"]!.AsObject().Select(s => s.Value!["x-kubernetes-group-version-kind"]?[0]!["kind"]!.GetValue<string>()).ToList();
            Assert.Contains(kind.Kind, named);
            Assert.Contains(kind.Kind + "List", named);
            var path = $"/{root}/{(kind.Namespaced ? "namespaces/{namespace}/" : "")}{kind.Plural}";
            foreach (var operation in kind.Verbs != ResourceDefinition.AllVerbs ? [] : (JsonNode[])[document["paths"]![path]!["post"]!, document["paths"]![$"{path}/{{name}}"]!["patch"]!])
            {
                Assert.Equal(kind.Kind, operation["x-kubernetes-group-version-kind"]!["kind"]!.GetValue<string>());
                Assert.Contains("fieldValidation", operation["parameters"]!.AsArray().Select(p => p!["name"]!.GetValue<string>()));
            }
        });
    }

    [Fact]
    public void Discovery_routing_and_the_paths_agree()
    {
        foreach (var root in (string[])["api/v1", "apis/apps/v1"])
        {
            var listed = new SortedSet<string>(StringComparer.Ordinal);
            foreach (var resource in new ResourceDiscovery(new ResourceRegistry()).Find($"/{root}")!["resources"]!.AsArray())
            {
                var (name, verbs) = (Text(resource!["name"])!.Split('/'), resource["verbs"]!.AsArray().Select(v => Text(v)!).ToList());
                var isNamespaced = resource["namespaced"]!.GetValue<bool>();
                var home = $"/{root}/{(isNamespaced ? "namespaces/{namespace}/" : "")}{name[0]}";
                foreach (var verb in verbs)
                {
                    var method = verb switch { "create" => "post", "update" => "put", "patch" => "patch", "delete" or "deletecollection" => "delete", _ => "get" };
                    var isOfAll = name.Length == 1 && verb is "create" or "list" or "watch" or "deletecollection" && name.Length == 1;
                    listed.Add($"{method} {(name.Length == 2 ? $"{home}/{{name}}/{name[1]}" : isOfAll ? home : $"{home}/{{name}}")}");
                    if (isNamespaced && verb == "list")
                    {
                        listed.Add($"get /{root}/{name[0]}");
                    }
                }
            }

            var described = Read(root)["paths"]!.AsObject()
                .SelectMany(p => p.Value!.AsObject().Where(o => o.Key != "parameters").Select(o => $"{o.Key} {p.Key}")).Order(StringComparer.Ordinal).ToList();
            Assert.Equal(listed, described);
            var routed = described.Select(d => d.Split(' ')[1]).Distinct().SelectMany(p =>
                Subresources.Methods(ResourcePath.Parse(p.Replace('{', 'x').Replace('}', 'x'), new ResourceRegistry())!).Select(m => $"{m.ToLowerInvariant()} {p}"));
            Assert.Equal(described, routed.Order(StringComparer.Ordinal));
        }
    }

    // kubectl looks at any one of them to learn whether the server validates fields.
    [Fact]
    public void Every_operation_that_patches_a_kind_takes_field_validation()
    {
        var patches = Read("api/v1")["paths"]!.AsObject().Select(p => p.Value!["patch"]).Where(o => o is not null).ToList();
        Assert.All(patches.Where(o => Text(o!["x-kubernetes-group-version-kind"]!["kind"]) == "Pod"), o => Assert.Contains(o!["parameters"]!.AsArray(), p => Text(p!["name"]) == "fieldValidation"));
        Assert.Contains(patches, o => Text(o!["x-kubernetes-group-version-kind"]!["kind"]) == "PodProxyOptions");
    }

    [Fact]
    public void Fields_say_what_they_mean_and_how_they_merge()
    {
        var schemas = Read("api/v1")["components"]!["schemas"]!;
        var containers = schemas["io.k8s.api.core.v1.PodSpec"]!["properties"]!["containers"]!;
        Assert.Equal(("array", "merge", "name"), (Text(containers["type"]), Text(containers["x-kubernetes-patch-strategy"]), Text(containers["x-kubernetes-patch-merge-key"])));
        Assert.StartsWith("List of containers", Text(containers["description"]), StringComparison.Ordinal);
        Assert.Equal("#/components/schemas/io.k8s.api.core.v1.Container", Text(containers["items"]!["allOf"]![0]!["$ref"]));
        Assert.Equal("byte", Text(schemas["io.k8s.api.core.v1.Secret"]!["properties"]!["data"]!["additionalProperties"]!["format"]));
        Assert.Equal("int-or-string", Text(schemas[SchemaNames.IntOrString]!["format"]));
        Assert.NotNull(schemas[$"{SchemaNames.Meta}.ObjectMeta"]);
    }

    [Fact]
    public void The_index_names_a_document_for_every_group_version()
    {
        var paths = JsonNode.Parse(Documents.Index())!["paths"]!.AsObject();
        Assert.Equal(BuiltIn.All.Select(k => k.Group.Length == 0 ? "api/v1" : $"apis/{k.ApiVersion}").Distinct().Order(StringComparer.Ordinal), paths.Select(p => p.Key).Order(StringComparer.Ordinal));
        Assert.All(paths, p =>
        {
            Assert.StartsWith($"/openapi/v3/{p.Key}?hash=", Text(p.Value!["serverRelativeURL"]), StringComparison.Ordinal);
            Assert.NotNull(Documents.Find(p.Key));
        });
        Assert.Null(Documents.Find("apis/nowhere/v1"));
    }

    [Fact]
    public void Without_the_documentation_file_only_the_words_are_missing()
    {
        var bare = new OpenApiDocuments(BuiltIn.All, "/nonexistent");
        var pod = Read("api/v1", bare)["components"]!["schemas"]!["io.k8s.api.core.v1.Pod"]!;
        Assert.Null(pod["description"]);
        Assert.NotNull(pod["properties"]!["spec"]);
        Assert.NotEqual(Documents.Hash, bare.Hash);
    }

    [Fact]
    public void The_protobuf_form_is_well_formed()
    {
        var numbers = new List<int>();
        var bytes = Unzip(Documents.Find(OpenApiDocuments.Protobuf)!);
        for (var at = 0; at < bytes.Length;)
        {
            var tag = Varint(bytes, ref at);
            Assert.Equal(2, tag & 7);
            numbers.Add(tag >> 3);
            var length = Varint(bytes, ref at);
            at += length;
            Assert.True(at <= bytes.Length);
        }

        Assert.Equal([1, 2, 8, 9], numbers);
    }

    private static int Varint(byte[] bytes, ref int at)
    {
        for (int value = 0, shift = 0; ; shift += 7)
        {
            value |= (bytes[at] & 0x7F) << shift;
            if (bytes[at++] < 0x80)
            {
                return value;
            }
        }
    }

    private static JsonNode Read(string root, OpenApiDocuments? documents = null) => JsonNode.Parse(Unzip((documents ?? Documents).Find(root)!))!;

    private static byte[] Unzip(byte[] zipped)
    {
        using var packed = new GZipStream(new MemoryStream(zipped), CompressionMode.Decompress);
        using var plain = new MemoryStream();
        packed.CopyTo(plain);
        return plain.ToArray();
    }

    private static string? Text(JsonNode? node) => node?.GetValue<string>();

    private static IEnumerable<(string Name, JsonNode Value)> Descendants(JsonNode? node) => node switch
    {
        JsonObject o => o.SelectMany(p => Descendants(p.Value).Prepend((p.Key, p.Value!))),
        JsonArray a => a.SelectMany(Descendants),
        _ => [],
    };
}
