using System.Text.Json.Nodes;
using Orchestrator.Tests.Kit;

namespace Orchestrator.Tests.ApiServer;

/// <summary>Deletions of a real process: of collections and under preconditions.</summary>
public sealed class DeletionSpec : IAsyncLifetime
{
    private const string Maps = "/api/v1/namespaces/default/configmaps";
    private NodeProcess? _node;

    public async Task InitializeAsync() => _node = await NodeProcess.StartAsync();

    public async Task DisposeAsync() => await _node!.DisposeAsync();

    [Fact]
    public async Task A_collection_answers_with_what_was_deleted_and_leaves_the_rest()
    {
        foreach (var (name, tier) in ((string, string)[])[("a", "web"), ("b", "web"), ("c", "data")])
        {
            await _node!.AskAsync(HttpMethod.Post, Maps, $$"""{"metadata":{"name":"{{name}}","labels":{"tier":"{{tier}}"} } }""");
        }

        var trial = await _node!.AskAsync(HttpMethod.Delete, $"{Maps}?labelSelector=tier%3Dweb&dryRun=All");
        Assert.Equal(("ConfigMapList", "a b"), (trial["kind"]!.GetValue<string>(), Names(trial)));
        Assert.Equal("a b c", Names(await _node.AskAsync(HttpMethod.Get, $"{Maps}?labelSelector=tier")));

        var deleted = await _node.AskAsync(HttpMethod.Delete, $"{Maps}?labelSelector=tier%3Dweb");
        Assert.Equal(("ConfigMapList", "a b"), (deleted["kind"]!.GetValue<string>(), Names(deleted)));
        Assert.Equal("c", Names(await _node.AskAsync(HttpMethod.Get, $"{Maps}?labelSelector=tier")));
    }

    [Fact]
    public async Task A_precondition_that_does_not_hold_leaves_the_object()
    {
        var made = await _node!.AskAsync(HttpMethod.Post, Maps, """{"metadata":{"name":"kept"}}""");
        var (uid, revision) = (made["metadata"]!["uid"]!.GetValue<string>(), made["metadata"]!["resourceVersion"]!.GetValue<string>());
        using var client = TokenClient.Of(_node);
        Assert.Equal(409, await DeleteAsync(client, """{"preconditions":{"uid":"another"}}"""));
        Assert.Equal(409, await DeleteAsync(client, """{"preconditions":{"resourceVersion":"1"}}"""));
        Assert.Equal(uid, (await _node.AskAsync(HttpMethod.Get, $"{Maps}/kept"))["metadata"]!["uid"]!.GetValue<string>());
        Assert.Equal(200, await DeleteAsync(client, $$"""{"preconditions":{"uid":"{{uid}}","resourceVersion":"{{revision}}"} }"""));
    }

    private static async Task<int> DeleteAsync(HttpClient client, string options)
    {
        using var request = new HttpRequestMessage(HttpMethod.Delete, new Uri($"{Maps}/kept", UriKind.Relative))
        {
            Content = new StringContent(options, System.Text.Encoding.UTF8, "application/json"),
        };
        using var response = await client.SendAsync(request);
        return (int)response.StatusCode;
    }

    private static string Names(JsonNode list) => string.Join(' ', list["items"]!.AsArray().Select(i => i!["metadata"]!["name"]!.GetValue<string>()).Order(StringComparer.Ordinal));
}
