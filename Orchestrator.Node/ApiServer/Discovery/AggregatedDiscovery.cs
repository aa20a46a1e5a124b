using System.Text.Json;
using System.Text.Json.Nodes;
using Orchestrator.Actors.Resources;

namespace Orchestrator.Node.ApiServer.Discovery;

/// <summary>All groups with all their resources in one answer, for clients that ask <c>/api</c> and <c>/apis</c> for it.</summary>
internal sealed class AggregatedDiscovery(ResourceRegistry registry)
{
    private static readonly string[] Versions = ["v2", "v2beta1"];

    /// <summary>Whether the request asked for this form, and is answered.</summary>
    public async Task<bool> HandleAsync(HttpContext http, string route)
    {
        if (route.TrimEnd('/') is not ("/api" or "/apis") || !HttpMethods.IsGet(http.Request.Method))
        {
            return false;
        }

        http.Response.Headers.Vary = "Accept";
        var accept = http.Request.Headers.Accept.ToString();
        var version = Array.Find(Versions, v => accept.Contains(Profile(v), StringComparison.Ordinal));
        if (version is null)
        {
            return false;
        }

        http.Response.ContentType = Profile(version);
        var body = JsonSerializer.SerializeToUtf8Bytes(Find(version, route.TrimEnd('/') == "/api"));
        await http.Response.Body.WriteAsync(body, http.RequestAborted).ConfigureAwait(false);
        return true;
    }

    /// <summary>The list for the core group, or for the others.</summary>
    public JsonObject Find(string version, bool isCore) => new()
    {
        ["kind"] = "APIGroupDiscoveryList",
        ["apiVersion"] = $"apidiscovery.k8s.io/{version}",
        ["metadata"] = new JsonObject(),
        ["items"] = new JsonArray([.. registry.Served.Where(k => k.Group.Length == 0 == isCore).GroupBy(k => k.Group).Select(Group)
            .Concat(isCore ? [] : ResourceDiscovery.WithoutObjects.Select(g => WithoutObjects(g.Key, g.Value)))]),
    };

    // Their metrics come and go; a client that wants their names asks the group itself.
    private static JsonNode WithoutObjects(string group, string version) => new JsonObject
    {
        ["metadata"] = new JsonObject { ["name"] = group },
        ["versions"] = new JsonArray(new JsonObject { ["version"] = version, ["freshness"] = "Current", ["resources"] = new JsonArray() }),
    };

    private static string Profile(string version) => $"application/json;g=apidiscovery.k8s.io;v={version};as=APIGroupDiscoveryList";

    private static JsonNode Group(IGrouping<string, ResourceDefinition> group) => new JsonObject
    {
        ["metadata"] = group.Key.Length == 0 ? new JsonObject() : new JsonObject { ["name"] = group.Key },
        ["versions"] = new JsonArray([.. group.GroupBy(k => k.Version).OrderBy(v => v.Key, KubeVersion.Order).Select(v => (JsonNode)new JsonObject
        {
            ["version"] = v.Key,
            ["freshness"] = "Current",
            ["resources"] = new JsonArray([.. v.Select(Resource)]),
        })]),
    };

    private static JsonNode Resource(ResourceDefinition kind) => new JsonObject
    {
        ["resource"] = kind.Plural,
        ["responseKind"] = Named(kind),
        ["scope"] = kind.Namespaced ? "Namespaced" : "Cluster",
        ["singularResource"] = kind.Singular,
        ["verbs"] = Strings(kind.Verbs),
        ["shortNames"] = Strings(kind.ShortNames),
        ["categories"] = Strings(kind.Categories),
        ["subresources"] = new JsonArray([.. kind.Subresources.Select(s => (JsonNode)new JsonObject
        {
            ["subresource"] = s,
            ["responseKind"] = Named(Subresources.DocumentOf(kind, s)),
            ["verbs"] = Strings(Subresources.Verbs(s)),
        })]),
    };

    private static JsonObject Named(ResourceDefinition kind) => new() { ["group"] = kind.Group, ["version"] = kind.Version, ["kind"] = kind.Kind };

    private static JsonArray Strings(IEnumerable<string> values) => [.. values.Select(v => JsonValue.Create(v))];
}
