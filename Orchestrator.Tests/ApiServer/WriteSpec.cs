using System.Text.Json.Nodes;
using Orchestrator.Tests.Kit;

namespace Orchestrator.Tests.ApiServer;

/// <summary>Writers that meet at one object: nobody's change is lost.</summary>
public sealed class WriteSpec : IAsyncLifetime
{
    private const int Writers = 40;
    private const string Merge = "application/merge-patch+json";
    private const string Deployment = "/apis/apps/v1/namespaces/default/deployments/base";
    private NodeProcess? _node;

    public async Task InitializeAsync()
    {
        _node = await NodeProcess.StartAsync(new NodeSettings(SimulatedNodes: 1));
        await _node.AskAsync(HttpMethod.Post, "/apis/apps/v1/namespaces/default/deployments", """
            {"metadata":{"name":"base"},"spec":{"replicas":0,"selector":{"matchLabels":{"a":"b"}},
             "template":{"metadata":{"labels":{"a":"b"}},"spec":{"containers":[{"name":"m","image":"i"}]}}}}
            """);
    }

    public async Task DisposeAsync() => await _node!.DisposeAsync();

    [Fact]
    public async Task A_scale_and_labels_that_meet_are_all_kept()
    {
        await Task.WhenAll(Enumerable.Range(0, Writers).SelectMany(i => (Task[])
        [
            _node!.AskAsync(HttpMethod.Patch, Deployment, $$$"""{"metadata":{"labels":{"l{{{i}}}":"x"} } }""", Merge),
            _node.AskAsync(HttpMethod.Put, $"{Deployment}/scale", """{"metadata":{"name":"base"},"spec":{"replicas":0}}"""),
            _node.AskAsync(HttpMethod.Patch, $"{Deployment}/scale", """{"spec":{"replicas":0}}""", Merge),
        ]));
        var labels = (await _node!.AskAsync(HttpMethod.Get, Deployment))["metadata"]!["labels"]!.AsObject();
        Assert.Equal(Writers, labels.Count);
    }

    [Fact]
    public async Task A_finalizer_of_a_namespace_leaves_the_labels_that_were_written_meanwhile()
    {
        await _node!.CreateNamespaceAsync("met");
        await Task.WhenAll(Enumerable.Range(0, Writers).SelectMany(i => (Task[])
        [
            _node.AskAsync(HttpMethod.Patch, "/api/v1/namespaces/met", $$$"""{"metadata":{"labels":{"l{{{i}}}":"x"} } }""", Merge),
            _node.AskAsync(HttpMethod.Put, "/api/v1/namespaces/met/finalize", """{"metadata":{"name":"met"},"spec":{"finalizers":["kubernetes"]}}"""),
        ]));
        var labels = (await _node.AskAsync(HttpMethod.Get, "/api/v1/namespaces/met"))["metadata"]!["labels"]!.AsObject();
        Assert.Equal(Writers, labels.Count(l => l.Key.StartsWith('l')));
    }

    [Fact]
    public async Task A_scale_from_an_old_version_is_refused()
    {
        var scale = await _node!.AskAsync(HttpMethod.Get, $"{Deployment}/scale");
        await _node.AskAsync(HttpMethod.Patch, Deployment, """{"metadata":{"labels":{"new":"x"}}}""", Merge);
        scale["spec"] = new JsonObject { ["replicas"] = 2 };
        var refusal = await Assert.ThrowsAsync<HttpRequestException>(() => _node.AskAsync(HttpMethod.Put, $"{Deployment}/scale", scale.ToJsonString()));
        Assert.Equal(System.Net.HttpStatusCode.Conflict, refusal.StatusCode);
        Assert.Equal(0, (await _node.AskAsync(HttpMethod.Get, $"{Deployment}/scale"))["spec"]!["replicas"]!.GetValue<int>());
    }

    [Theory]
    [InlineData("POST", "/api/v1/namespaces/default/events", """{"metadata":{"name":"a/b"},"involvedObject":{}}""", 422)]
    [InlineData("PATCH", "/apis/apps/v1/namespaces/default/deployments/base", """{"metadata":{"name":"other"}}""", 400)]
    [InlineData("POST", "/api/v1/nodes", """{"metadata":{"name":"t1"},"spec":{"taints":[{"effect":"NoExecute"}]}}""", 422)]
    [InlineData("POST", "/api/v1/nodes", """{"metadata":{"name":"t1"},"spec":{"taints":[{"key":"a","effect":"Never"}]}}""", 422)]
    [InlineData("POST", "/apis/scheduling.k8s.io/v1/priorityclasses", """{"metadata":{"generateName":"system-"},"value":1}""", 422)]
    public async Task What_has_no_good_name_or_taint_is_refused(string method, string path, string body, int code)
    {
        var refused = await Assert.ThrowsAsync<HttpRequestException>(() => _node!.AskAsync(new HttpMethod(method), path, body, method == "PATCH" ? Merge : "application/json"));
        Assert.Equal(code, (int)refused.StatusCode!);
    }

    [Fact]
    public async Task An_object_that_is_being_deleted_takes_no_new_finalizers()
    {
        const string Maps = "/api/v1/namespaces/default/configmaps";
        await _node!.AskAsync(HttpMethod.Post, Maps, """{"metadata":{"name":"leaving","finalizers":["x.example/a","x.example/b"]}}""");
        await _node.AskAsync(HttpMethod.Delete, $"{Maps}/leaving");
        var refused = await Assert.ThrowsAsync<HttpRequestException>(() =>
            _node.AskAsync(HttpMethod.Patch, $"{Maps}/leaving", """{"metadata":{"finalizers":["x.example/a","x.example/new"]}}""", Merge));
        Assert.Equal(422, (int)refused.StatusCode!);
        Assert.Contains("found new finalizers: x.example/new", refused.Message, StringComparison.Ordinal);
        var fewer = await _node.AskAsync(HttpMethod.Patch, $"{Maps}/leaving", """{"metadata":{"finalizers":["x.example/b"]}}""", Merge);
        Assert.Equal("""["x.example/b"]""", fewer["metadata"]!["finalizers"]!.ToJsonString());
        await _node.AskAsync(HttpMethod.Patch, $"{Maps}/leaving", """{"metadata":{"finalizers":null}}""", Merge);
        var gone = await Assert.ThrowsAsync<HttpRequestException>(() => _node.AskAsync(HttpMethod.Get, $"{Maps}/leaving"));
        Assert.Equal(System.Net.HttpStatusCode.NotFound, gone.StatusCode);
    }

    [Fact]
    public async Task A_generated_name_is_one_that_the_object_may_have()
    {
        var prefix = new string('a', 62);
        var service = await _node!.AskAsync(HttpMethod.Post, "/api/v1/namespaces/default/services", $$$"""{"metadata":{"generateName":"{{{prefix}}}"},"spec":{"ports":[{"port":80}]}}""");
        var name = (string)service["metadata"]!["name"]!;
        Assert.Equal(63, name.Length);
        await _node.AskAsync(HttpMethod.Patch, $"/api/v1/namespaces/default/services/{name}", """{"metadata":{"labels":{"a":"b"}}}""", Merge);
        var space = await _node.AskAsync(HttpMethod.Post, "/api/v1/namespaces", """{"metadata":{"generateName":"made-"}}""");
        Assert.Equal((string?)space["metadata"]!["name"], (string?)space["metadata"]!["labels"]!["kubernetes.io/metadata.name"]);
    }

    [Fact]
    public async Task A_taint_says_since_when_pods_have_to_bear_it()
    {
        await _node!.AskAsync(HttpMethod.Post, "/api/v1/nodes", """{"metadata":{"name":"t2"},"spec":{"taints":[{"key":"a","effect":"NoExecute"},{"key":"a","effect":"NoSchedule"}]}}""");
        await Poll.UntilAsync(async () => (await _node.AskAsync(HttpMethod.Get, "/api/v1/nodes/t2"))["spec"]!["taints"]!.AsArray()
            .Where(t => (string?)t!["effect"] == "NoExecute").All(t => t!["timeAdded"] is not null), TimeSpan.FromSeconds(30), () => "the taints have their time");
    }
}
