using System.Text.Json.Nodes;
using Orchestrator.Actors.Api;
using Orchestrator.Actors.Resources;
using Orchestrator.Node.ApiServer.CustomMetrics;

namespace Orchestrator.Node.ApiServer.Discovery;

/// <summary>What clients ask before they ask for objects: groups, resources, and version.</summary>
internal sealed class ResourceDiscovery(ResourceRegistry registry)
{
    public static JsonObject Version => new()
    {
        ["major"] = Release.Major,
        ["minor"] = Release.Minor,
        ["gitVersion"] = Release.Full,
        ["gitCommit"] = "",
        ["gitTreeState"] = "clean",
        ["buildDate"] = "1970-01-01T00:00:00Z",
        ["goVersion"] = "none",
        ["compiler"] = "dotnet",
        ["platform"] = "linux/amd64",
    };

    /// <summary>The groups that have no objects, with their versions. Their resources are listed by a stage of their own.</summary>
    public static readonly IReadOnlyDictionary<string, string> WithoutObjects = new SortedDictionary<string, string>(StringComparer.Ordinal)
    {
        [MetricsPath.CustomGroup] = MetricsPath.CustomVersion,
        [MetricsPath.ExternalGroup] = MetricsPath.ExternalVersion,
    };

    public JsonNode? Find(string path) => path.Trim('/').Split('/') switch
    {
        ["api"] => new JsonObject { ["kind"] = "APIVersions", ["versions"] = new JsonArray("v1") },
        ["api", "v1"] => Resources("", "v1"),
        ["apis"] => new JsonObject { ["kind"] = "APIGroupList", ["apiVersion"] = "v1", ["groups"] = new JsonArray([.. Groups().Select(Group)]) },
        ["apis", var g] when Groups().Contains(g) => Group(g),
        ["apis", var g, var v] when Versions(g).Contains(v) => Resources(g, v),
        _ => null,
    };

    private IEnumerable<string> Groups() => registry.Served.Select(k => k.Group).Where(g => g.Length > 0).Distinct().Concat(WithoutObjects.Keys);

    private JsonObject Group(string name) => new()
    {
        ["kind"] = "APIGroup",
        ["apiVersion"] = "v1",
        ["name"] = name,
        ["versions"] = new JsonArray([.. Versions(name).Select(v => GroupVersion(name, v))]),
        ["preferredVersion"] = GroupVersion(name, Versions(name).First()),
    };

    // The first one is the one to prefer.
    private IEnumerable<string> Versions(string group) => WithoutObjects.TryGetValue(group, out var version) ? [version] : registry.Served.Where(k => k.Group == group).Select(k => k.Version).Distinct().OrderBy(v => v, KubeVersion.Order);

    private static JsonNode GroupVersion(string group, string version) => new JsonObject { ["groupVersion"] = $"{group}/{version}", ["version"] = version };

    private JsonObject Resources(string group, string version) => new()
    {
        ["kind"] = "APIResourceList",
        ["apiVersion"] = "v1",
        ["groupVersion"] = group.Length == 0 ? version : $"{group}/{version}",
        ["resources"] = new JsonArray([.. registry.Served.Where(k => k.Group == group && k.Version == version).SelectMany(k =>
            k.Subresources.Select(s => Resource(k, $"{k.Plural}/{s}", Subresources.DocumentOf(k, s), Subresources.Verbs(s))).Prepend(
                Resource(k, k.Plural, k, k.Verbs)))]),
    };

    private static JsonNode Resource(ResourceDefinition kind, string name, ResourceDefinition document, IEnumerable<string> verbs)
    {
        var resource = new JsonObject
        {
            ["name"] = name,
            ["singularName"] = name == kind.Plural ? kind.Singular : "",
            ["namespaced"] = kind.Namespaced,
            ["kind"] = document.Kind,
            ["verbs"] = new JsonArray([.. verbs.Select(v => JsonValue.Create(v))]),
        };
        if (document.Group != kind.Group)
        {
            resource["group"] = document.Group;
            resource["version"] = document.Version;
        }

        if (name == kind.Plural && kind.ShortNames.Length > 0)
        {
            resource["shortNames"] = new JsonArray([.. kind.ShortNames.Select(v => JsonValue.Create(v))]);
        }

        if (name == kind.Plural && kind.Categories.Length > 0)
        {
            resource["categories"] = new JsonArray([.. kind.Categories.Select(v => JsonValue.Create(v))]);
        }

        return resource;
    }
}
