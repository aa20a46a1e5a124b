using System.Net;
using System.Text;
using System.Text.Json.Nodes;
using Orchestrator.Tests.Kit;

namespace Orchestrator.Tests.ApiServer;

/// <summary>Lists in pieces.</summary>
public sealed class ListSpec : IAsyncLifetime
{
    private const string Secrets = "/api/v1/namespaces/listed/secrets";
    private readonly TempFolder _folder = new();
    private NodeProcess? _node;

    public async Task InitializeAsync()
    {
        var config = _folder.File("node.conf");
        await File.WriteAllTextAsync(config, "orchestrator.checkpoint-every = 100");
        _node = await NodeProcess.StartAsync(new NodeSettings(SimulatedNodes: 1, Options: ["--config", config]));
        await _node.CreateNamespaceAsync("listed");
        foreach (var name in "abcde")
        {
            await CreateAsync(name.ToString());
        }
    }

    public async Task DisposeAsync()
    {
        await _node!.DisposeAsync();
        _folder.Dispose();
    }

    [Fact]
    public async Task All_pieces_show_the_revision_of_the_first()
    {
        var first = await GetAsync($"{Secrets}?limit=2");
        Assert.Equal(("a b", 3L), (Names(first), first["metadata"]!["remainingItemCount"]!.GetValue<long>()));
        await CreateAsync("aa");
        await CreateAsync("cc");
        await _node!.AskAsync(HttpMethod.Delete, $"{Secrets}/d");
        var second = await GetAsync($"{Secrets}?limit=2&continue={Token(first)}");
        var third = await GetAsync($"{Secrets}?limit=2&continue={Token(second)}");
        Assert.Equal(("c d", "e"), (Names(second), Names(third)));
        Assert.Equal(Revision(first), Revision(third));
        Assert.Null(third["metadata"]!["continue"]);
        Assert.Null(third["metadata"]!["remainingItemCount"]);
        Assert.Equal("a aa b c cc e", Names(await GetAsync(Secrets)));
    }

    [Fact]
    public async Task With_a_selector_nobody_counts_what_is_left()
    {
        var first = await GetAsync($"{Secrets}?limit=2&fieldSelector=metadata.name!%3Da");
        Assert.Equal("b c", Names(first));
        Assert.NotNull(first["metadata"]!["continue"]);
        Assert.Null(first["metadata"]!["remainingItemCount"]);
    }

    [Fact]
    public async Task A_list_whose_snapshot_is_gone_goes_on_with_what_there_is_now()
    {
        // The cache starts from a checkpoint, and nobody knows what was before it. The token is of that time.
        for (var i = 0; i < 220; i++)
        {
            await _node!.AskAsync(HttpMethod.Patch, $"{Secrets}/e", $$$"""{"stringData":{"i":"{{{i}}}"}}""", "application/merge-patch+json");
        }

        await Poll.UntilAsync(() => Task.FromResult(Directory.GetFiles(Path.Combine(_node!.DataDir, "checkpoints"), "*.checkpoint").Length > 0), TimeSpan.FromSeconds(20), () => "a checkpoint");
        await _node!.RestartAsync();
        var old = Convert.ToBase64String(Encoding.UTF8.GetBytes("""{"v":"meta.k8s.io/v1","rv":1,"start":"listed/b"}"""));
        using var client = TokenClient.Of(_node!);
        using var refused = await client.GetAsync(new Uri($"{Secrets}?limit=2&continue={Uri.EscapeDataString(old)}", UriKind.Relative));
        var status = JsonNode.Parse(await refused.Content.ReadAsStringAsync())!;
        Assert.Equal((HttpStatusCode.Gone, "Expired"), (refused.StatusCode, (string?)status["reason"]));
        Assert.Equal("c d", Names(await GetAsync($"{Secrets}?limit=2&continue={Token(status)}")));
    }

    [Fact]
    public async Task The_next_piece_shows_the_same_revision_after_a_restart()
    {
        var first = await GetAsync($"{Secrets}?limit=2");
        await CreateAsync("cc");
        await _node!.AskAsync(HttpMethod.Delete, $"{Secrets}/d");
        await _node!.KillAsync();
        await _node!.RestartAsync();
        var second = await GetAsync($"{Secrets}?limit=5&continue={Token(first)}");
        Assert.Equal(("c d e", Revision(first)), (Names(second), Revision(second)));
    }

    [Fact]
    public async Task Exactly_a_version_is_that_one_also_when_much_has_happened_since()
    {
        var then = Revision(await GetAsync(Secrets));
        await CreateAsync("cc");
        await _node!.AskAsync(HttpMethod.Delete, $"{Secrets}/d");
        await _node!.AskAsync(HttpMethod.Patch, $"{Secrets}/a", """{"stringData":{"new":"yes"}}""", "application/merge-patch+json");
        var exact = await GetAsync($"{Secrets}?resourceVersion={then}&resourceVersionMatch=Exact");
        Assert.Equal(("a b c d e", then), (Names(exact), Revision(exact)));
        Assert.Null(exact["items"]![0]!["data"]);
        Assert.Equal("", Names(await GetAsync($"{Secrets}?resourceVersion=1&resourceVersionMatch=Exact")));
    }

    private Task CreateAsync(string name) => _node!.AskAsync(HttpMethod.Post, Secrets, $$$"""{"metadata":{"name":"{{{name}}}"}}""");

    private Task<JsonNode> GetAsync(string path) => _node!.AskAsync(HttpMethod.Get, path);

    private static string Token(JsonNode list) => Uri.EscapeDataString(list["metadata"]!["continue"]!.GetValue<string>());

    private static string Revision(JsonNode list) => list["metadata"]!["resourceVersion"]!.GetValue<string>();

    private static string Names(JsonNode list) => string.Join(' ', list["items"]!.AsArray().Select(i => (string)i!["metadata"]!["name"]!));
}
