using System.Text.Json.Nodes;
using Orchestrator.Tests.Kit;
using Orchestrator.Tests.WithKubectl;

namespace Orchestrator.Tests.Conformance;

/// <summary>A namespace of its own, by the API and by kubectl.</summary>
internal sealed class ApiSpace(NodeProcess node, Kubectl kubectl)
{
    public const string Merge = "application/merge-patch+json";

    /// <summary>A template of a pod that is quickly gone when it is deleted.</summary>
    public const string Template =
        """{"metadata":{"labels":{"app":"web"}},"spec":{"terminationGracePeriodSeconds":1,"containers":[{"name":"main","image":"orchestrator/sample:1"}]}}""";

    /// <summary>The selector of <see cref="Template"/>.</summary>
    public const string Selector = """{"matchLabels":{"app":"web"}}""";

    public Kubectl Kubectl => kubectl;

    public static async Task<ApiSpace> CreateAsync(KubectlCluster cluster) => new(cluster.Node, await cluster.SpaceAsync(Kit.Kubectl.Newest));

    /// <summary>The path of a collection in the namespace, or of one object.</summary>
    public string Path(string resource, string? name = null)
    {
        var root = resource switch { "pods" or "replicationcontrollers" => "/api/v1", "poddisruptionbudgets" => "/apis/policy/v1", "cronjobs" or "jobs" => "/apis/batch/v1", _ => "/apis/apps/v1" };
        return $"{root}/namespaces/{kubectl.Space}/{resource}{(name is null ? "" : $"/{name}")}";
    }

    /// <summary>Creates an object with this spec.</summary>
    public Task<JsonNode> PostAsync(string resource, string name, string spec, string labels = "{}") =>
        node.AskAsync(HttpMethod.Post, Path(resource), $$"""{"metadata":{"name":"{{name}}","labels":{{labels}} },"spec":{{spec}} }""");

    public Task<JsonNode> GetAsync(string path) => node.AskAsync(HttpMethod.Get, path);

    public Task<JsonNode> PatchAsync(string path, string patch, string type = Merge) => node.AskAsync(HttpMethod.Patch, path, patch, type);

    public Task<JsonNode> PutAsync(string path, JsonNode o) => node.AskAsync(HttpMethod.Put, path, o.ToJsonString());

    public Task<JsonNode> DeleteAsync(string path) => node.AskAsync(HttpMethod.Delete, path);

    public Task<Stream> OpenAsync(string path) => node.OpenAsync(path);

    /// <summary>Changes an object that its controller may change too, until nobody was in between.</summary>
    public async Task<JsonNode> UpdateAsync(string path, Action<JsonNode> change)
    {
        JsonNode? result = null;
        await Poll.UntilAsync(async () =>
        {
            var o = await GetAsync(path);
            change(o);
            try
            {
                result = await PutAsync(path, o);
                return true;
            }
            catch (HttpRequestException e) when (e.StatusCode == System.Net.HttpStatusCode.Conflict)
            {
                return false;
            }
        }, TimeSpan.FromSeconds(30), () => $"{path} is updated");
        return result!;
    }

    /// <summary>The names of objects, in their order.</summary>
    public async Task<string[]> NamesAsync(string resource) =>
        (await kubectl.SucceedAsync($"get {resource} -o jsonpath={{.items[*].metadata.name}}")).Split(' ', StringSplitOptions.RemoveEmptyEntries);
}
