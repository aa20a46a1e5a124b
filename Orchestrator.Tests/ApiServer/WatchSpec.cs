using System.Text.Json.Nodes;
using Orchestrator.Tests.Kit;

namespace Orchestrator.Tests.ApiServer;

/// <summary>Watches over the wire: what they begin with, and how they end.</summary>
public sealed class WatchSpec : IAsyncLifetime
{
    private const string Secrets = "/api/v1/namespaces/watched/secrets";
    private const string Events = "/api/v1/namespaces/watched/events";
    private static readonly TimeSpan Bound = TimeSpan.FromSeconds(30);
    private NodeProcess? _node;

    public async Task InitializeAsync()
    {
        _node = await NodeProcess.StartAsync(new NodeSettings(SimulatedNodes: 1));
        await _node.CreateNamespaceAsync("watched");
        await CreateAsync("a");
    }

    public async Task DisposeAsync() => await _node!.DisposeAsync();

    [Fact]
    public async Task The_initial_events_end_with_a_bookmark_that_one_can_resume_from()
    {
        using var client = TokenClient.Of(_node!);
        using var first = await OpenAsync(client, $"{Secrets}?watch=true&sendInitialEvents=true&resourceVersionMatch=NotOlderThan&allowWatchBookmarks=true");
        Assert.Equal("ADDED a", Told(await NextAsync(first)));
        var bookmark = await NextAsync(first);
        var metadata = bookmark["object"]!["metadata"]!;
        Assert.Equal(("BOOKMARK", "true"), ((string?)bookmark["type"], (string?)metadata["annotations"]!["k8s.io/initial-events-end"]));
        await CreateAsync("b");
        Assert.Equal("ADDED b", Told(await NextAsync(first)));
        using var second = await OpenAsync(client, $"{Secrets}?watch=true&resourceVersion={metadata["resourceVersion"]}");
        Assert.Equal("ADDED b", Told(await NextAsync(second)));
    }

    [Fact]
    public async Task A_watch_ends_when_its_time_is_over()
    {
        using var client = TokenClient.Of(_node!);
        using var reader = await OpenAsync(client, $"{Secrets}?watch=true&timeoutSeconds=1");
        Assert.Equal("ADDED a", Told(await NextAsync(reader)));
        Assert.Null(await reader.ReadLineAsync().WaitAsync(Bound));
    }

    [Fact]
    public async Task Before_a_watch_ends_it_tells_from_where_to_resume()
    {
        using var client = TokenClient.Of(_node!);
        using var reader = await OpenAsync(client, $"{Secrets}?watch=true&timeoutSeconds=2&allowWatchBookmarks=true");
        Assert.Equal("ADDED a", Told(await NextAsync(reader)));
        await _node!.AskAsync(HttpMethod.Post, "/api/v1/namespaces/watched/configmaps", """{"metadata":{"name":"other"}}""");
        var created = await _node.AskAsync(HttpMethod.Get, "/api/v1/namespaces/watched/configmaps/other");
        var bookmark = await NextAsync(reader);
        Assert.Equal("BOOKMARK", (string?)bookmark["type"]);
        Assert.True(long.Parse((string)bookmark["object"]!["metadata"]!["resourceVersion"]!, null) >= long.Parse((string)created["metadata"]!["resourceVersion"]!, null));
        Assert.Null(await reader.ReadLineAsync().WaitAsync(Bound));
    }

    [Fact]
    public async Task What_leaves_the_selector_is_told_with_the_last_content_that_matched()
    {
        await _node!.AskAsync(HttpMethod.Post, Secrets, """{"metadata":{"name":"moving","labels":{"tier":"gold"}}}""");
        using var client = TokenClient.Of(_node!);
        using var reader = await OpenAsync(client, $"{Secrets}?watch=true&labelSelector=tier%3Dgold");
        Assert.Equal("ADDED moving", Told(await NextAsync(reader)));
        var changed = await _node.AskAsync(HttpMethod.Patch, $"{Secrets}/moving", """{"metadata":{"labels":{"tier":"lead"}}}""", "application/merge-patch+json");
        var left = await NextAsync(reader);
        var metadata = left["object"]!["metadata"]!;
        Assert.Equal(("DELETED moving", "gold", (string?)changed["metadata"]!["resourceVersion"]), (Told(left), (string?)metadata["labels"]!["tier"], (string?)metadata["resourceVersion"]));
    }

    [Fact]
    public async Task Whoever_wants_no_initial_events_gets_what_happens_from_now_on()
    {
        using var client = TokenClient.Of(_node!);
        using var reader = await OpenAsync(client, $"{Secrets}?watch=true&sendInitialEvents=false&resourceVersionMatch=NotOlderThan");
        await CreateAsync("later");
        Assert.Equal("ADDED later", Told(await NextAsync(reader)));
    }

    [Fact]
    public async Task A_version_that_is_past_the_horizon_is_an_error_line()
    {
        // More than the 32 MB of changes that a host keeps for those who resume.
        var large = new string('x', 1_000_000);
        await Task.WhenAll(Enumerable.Range(0, 36).Select(i =>
            _node!.AskAsync(HttpMethod.Post, Secrets, $$$"""{"metadata":{"name":"large-{{{i}}}"},"stringData":{"x":"{{{large}}}"} }""")));
        using var client = TokenClient.Of(_node!);
        using var reader = await OpenAsync(client, $"{Secrets}?watch=true&resourceVersion=1");
        var only = await NextAsync(reader);
        Assert.Equal(("ERROR", 410, "Expired"), ((string?)only["type"], (int?)only["object"]!["code"], (string?)only["object"]!["reason"]));
        Assert.Null(await reader.ReadLineAsync().WaitAsync(Bound));
    }

    [Theory]
    [InlineData($"{Secrets}?watch=true&resourceVersion=99999999")]
    [InlineData($"{Secrets}?resourceVersion=99999999&resourceVersionMatch=NotOlderThan")]
    public async Task A_version_that_is_not_there_yet_is_waited_for_and_then_refused_as_too_large(string path)
    {
        using var client = TokenClient.Of(_node!);
        using var response = await client.GetAsync(new Uri(path, UriKind.Relative)).WaitAsync(Bound);
        var status = JsonNode.Parse(await response.Content.ReadAsStringAsync())!;
        Assert.Equal((504, "Timeout", "ResourceVersionTooLarge"), ((int)response.StatusCode, (string?)status["reason"], (string?)status["details"]!["causes"]![0]!["reason"]));
        Assert.StartsWith("Too large resource version: 99999999, current: ", (string?)status["message"], StringComparison.Ordinal);
        Assert.Equal(1, (int?)status["details"]!["retryAfterSeconds"]);
    }

    [Fact]
    public async Task A_table_that_is_watched_names_its_columns_once()
    {
        await CreateAsync("c");
        using var client = TokenClient.Of(_node!);
        client.DefaultRequestHeaders.Add("Accept", "application/json;as=Table;v=v1;g=meta.k8s.io");
        using var reader = await OpenAsync(client, $"{Secrets}?watch=true");
        Assert.True((await NextAsync(reader))["object"]!["columnDefinitions"] is JsonArray { Count: > 0 });
        Assert.False((await NextAsync(reader))["object"]!["columnDefinitions"] is JsonArray { Count: > 0 });
    }

    [Fact]
    public async Task An_event_that_a_client_posts_is_listed_watched_and_deleted()
    {
        using var client = TokenClient.Of(_node!);
        using var reader = await OpenAsync(client, $"{Events}?watch=true");
        await _node!.AskAsync(HttpMethod.Post, Events, """
            {"metadata":{"name":"seen"},"involvedObject":{"kind":"ConfigMap","namespace":"watched","name":"a"},"reason":"Seen","message":"hello","type":"Normal"}
            """);
        Assert.Equal("ADDED seen", Told(await NextAsync(reader)));
        var list = await _node.AskAsync(HttpMethod.Get, $"{Events}?fieldSelector=involvedObject.name%3Da");
        Assert.Equal("hello", (string?)Assert.Single(list["items"]!.AsArray())!["message"]);
        await _node.AskAsync(HttpMethod.Patch, $"{Events}/seen", """{"count":2}""", "application/merge-patch+json");
        Assert.Equal("MODIFIED seen", Told(await NextAsync(reader)));
        await _node.AskAsync(HttpMethod.Delete, Events);
        Assert.Equal("DELETED seen", Told(await NextAsync(reader)));
        Assert.Empty((await _node.AskAsync(HttpMethod.Get, Events))["items"]!.AsArray());
    }

    private Task CreateAsync(string name) => _node!.AskAsync(HttpMethod.Post, Secrets, $$$"""{"metadata":{"name":"{{{name}}}"}}""");

    private static async Task<StreamReader> OpenAsync(HttpClient client, string path) =>
        new(await client.GetStreamAsync(new Uri(path, UriKind.Relative)).WaitAsync(Bound));

    private static async Task<JsonNode> NextAsync(StreamReader reader) => JsonNode.Parse((await reader.ReadLineAsync().WaitAsync(Bound))!)!;

    private static string Told(JsonNode line) => $"{line["type"]} {line["object"]!["metadata"]!["name"]}";
}
