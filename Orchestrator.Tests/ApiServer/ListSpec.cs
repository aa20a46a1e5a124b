using System.Net;
using System.Text;
using System.Text.Json.Nodes;
using Orchestrator.Tests.Kit;

namespace Orchestrator.Tests.ApiServer;

/// <summary>Lists in pieces.</summary>
public sealed class ListSpec : IAsyncLifetime
{
    private const string Maps = "/api/v1/namespaces/listed/configmaps";
    private NodeProcess? _node;

    public async Task InitializeAsync()
    {
        _node = await NodeProcess.StartAsync(new NodeSettings(SimulatedNodes: 1));
        await _node.CreateNamespaceAsync("listed");
        foreach (var name in "abcde")
        {
            await CreateAsync(name.ToString());
        }
    }

    public async Task DisposeAsync() => await _node!.DisposeAsync();

    [Fact]
    public async Task All_pieces_show_the_revision_of_the_first()
    {
        var first = await GetAsync($"{Maps}?limit=2");
        Assert.Equal(("a b", 3L), (Names(first), first["metadata"]!["remainingItemCount"]!.GetValue<long>()));
        await CreateAsync("aa");
        await CreateAsync("cc");
        await _node!.AskAsync(HttpMethod.Delete, $"{Maps}/d");
        var second = await GetAsync($"{Maps}?limit=2&continue={Token(first)}");
        var third = await GetAsync($"{Maps}?limit=2&continue={Token(second)}");
        Assert.Equal(("c d", "e"), (Names(second), Names(third)));
        Assert.Equal(Revision(first), Revision(third));
        Assert.Null(third["metadata"]!["continue"]);
        Assert.Null(third["metadata"]!["remainingItemCount"]);
        Assert.Equal("a aa b c cc e", Names(await GetAsync(Maps)));
    }

    [Fact]
    public async Task With_a_selector_nobody_counts_what_is_left()
    {
        var first = await GetAsync($"{Maps}?limit=2&fieldSelector=metadata.name!%3Da");
        Assert.Equal("b c", Names(first));
        Assert.NotNull(first["metadata"]!["continue"]);
        Assert.Null(first["metadata"]!["remainingItemCount"]);
    }

    [Fact]
    public async Task A_list_whose_snapshot_is_gone_goes_on_with_what_there_is_now()
    {
        // A token as an earlier run of the server made it.
        var old = Convert.ToBase64String(Encoding.UTF8.GetBytes("""{"v":"meta.k8s.io/v1","rv":1,"start":"listed/b"}"""));
        using var client = TokenClient.Of(_node!);
        using var refused = await client.GetAsync(new Uri($"{Maps}?limit=2&continue={Uri.EscapeDataString(old)}", UriKind.Relative));
        var status = JsonNode.Parse(await refused.Content.ReadAsStringAsync())!;
        Assert.Equal((HttpStatusCode.Gone, "Expired"), (refused.StatusCode, (string?)status["reason"]));
        Assert.Equal("c d", Names(await GetAsync($"{Maps}?limit=2&continue={Token(status)}")));
    }

    [Fact]
    public async Task Exactly_a_version_is_that_one_or_none()
    {
        var now = Revision(await GetAsync(Maps));
        Assert.Equal("a b c d e", Names(await GetAsync($"{Maps}?resourceVersion={now}&resourceVersionMatch=Exact")));
        using var client = TokenClient.Of(_node!);
        using var refused = await client.GetAsync(new Uri($"{Maps}?resourceVersion=1&resourceVersionMatch=Exact", UriKind.Relative));
        Assert.Equal(HttpStatusCode.Gone, refused.StatusCode);
    }

    private Task CreateAsync(string name) => _node!.AskAsync(HttpMethod.Post, Maps, $$$"""{"metadata":{"name":"{{{name}}}"}}""");

    private Task<JsonNode> GetAsync(string path) => _node!.AskAsync(HttpMethod.Get, path);

    private static string Token(JsonNode list) => Uri.EscapeDataString(list["metadata"]!["continue"]!.GetValue<string>());

    private static string Revision(JsonNode list) => list["metadata"]!["resourceVersion"]!.GetValue<string>();

    private static string Names(JsonNode list) => string.Join(' ', list["items"]!.AsArray().Select(i => (string)i!["metadata"]!["name"]!));
}
