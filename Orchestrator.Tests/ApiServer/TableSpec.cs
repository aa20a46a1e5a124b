using System.Net;
using System.Text.Json.Nodes;
using Orchestrator.Tests.Kit;

namespace Orchestrator.Tests.ApiServer;

/// <summary>Tables: what their rows carry of the objects.</summary>
public sealed class TableSpec : IAsyncLifetime
{
    private const string Maps = "/api/v1/namespaces/shown/configmaps";
    private NodeProcess? _node;

    public async Task InitializeAsync()
    {
        _node = await NodeProcess.StartAsync(new NodeSettings(SimulatedNodes: 1));
        await _node.CreateNamespaceAsync("shown");
        await _node.AskAsync(HttpMethod.Post, Maps, """{"metadata":{"name":"a"},"data":{"x":"1"}}""");
    }

    public async Task DisposeAsync() => await _node!.DisposeAsync();

    [Theory]
    [InlineData("", "PartialObjectMetadata")]
    [InlineData("includeObject=Metadata", "PartialObjectMetadata")]
    [InlineData("includeObject=Object", "ConfigMap")]
    [InlineData("includeObject=None", null)]
    public async Task Rows_carry_what_the_client_asks_for(string option, string? kind)
    {
        using var client = Client();
        var got = JsonNode.Parse(await client.GetStringAsync(new Uri($"{Maps}/a?{option}", UriKind.Relative)))!;
        var listed = JsonNode.Parse(await client.GetStringAsync(new Uri($"{Maps}?fieldSelector=metadata.name%3Da&{option}", UriKind.Relative)))!;
        using var watch = new StreamReader(await client.GetStreamAsync(new Uri($"{Maps}?watch=true&fieldSelector=metadata.name%3Da&{option}", UriKind.Relative)));
        var watched = JsonNode.Parse((await watch.ReadLineAsync().WaitAsync(TimeSpan.FromSeconds(30)))!)!["object"]!;
        foreach (var table in (JsonNode[])[got, listed, watched])
        {
            var carried = table["rows"]![0]!["object"];
            Assert.Equal(kind, (string?)carried?["kind"]);
            Assert.Equal(kind is null ? null : "a", (string?)carried?["metadata"]!["name"]);
            Assert.Equal(kind == "ConfigMap" ? "1" : null, (string?)carried?["data"]?["x"]);
        }
    }

    [Theory]
    [InlineData("GET", "/a?includeObject=Some")]
    [InlineData("GET", "?includeObject=object")]
    [InlineData("GET", "?watch=true&includeObject=Some")]
    [InlineData("POST", "?includeObject=Some")]
    public async Task Anything_else_is_refused_before_it_is_done(string method, string path)
    {
        using var client = Client();
        using var request = new HttpRequestMessage(new HttpMethod(method), new Uri(Maps + path, UriKind.Relative));
        request.Content = method == "POST" ? new StringContent("""{"metadata":{"name":"never"}}""") { Headers = { ContentType = new("application/json") } } : null;
        using var answer = await client.SendAsync(request);
        Assert.Equal(HttpStatusCode.BadRequest, answer.StatusCode);
        Assert.EndsWith("must be 'Metadata', 'Object', 'None', or empty", (string?)JsonNode.Parse(await answer.Content.ReadAsStringAsync())!["message"], StringComparison.Ordinal);
        using var never = await client.GetAsync(new Uri($"{Maps}/never", UriKind.Relative));
        Assert.Equal(HttpStatusCode.NotFound, never.StatusCode);
    }

    private HttpClient Client()
    {
        var client = TokenClient.Of(_node!);
        client.DefaultRequestHeaders.Add("Accept", "application/json;as=Table;v=v1;g=meta.k8s.io");
        return client;
    }
}
