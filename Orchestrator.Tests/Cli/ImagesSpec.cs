namespace Orchestrator.Tests.Cli;

/// <summary>The table of <c>orc images</c>.</summary>
public class ImagesSpec
{
    private const string Nodes = """
        {"items":[
          {"metadata":{"name":"n1"},"status":{"images":[{"names":["shop:1","shop:latest","shop@sha256:ab"],"sizeBytes":5242880},{"names":["r.example/app@sha256:cd"],"sizeBytes":524288}]}},
          {"metadata":{"name":"n2"},"status":{"images":[{"names":["shop:1"],"sizeBytes":5242880}]}},
          {"metadata":{"name":"n3"}}]}
        """;

    [Fact]
    public async Task Images_of_all_nodes_are_a_table()
    {
        using var cluster = new FakeCluster();
        cluster.On("GET /api/v1/nodes", Nodes);
        Assert.Equal((0, "NODE   IMAGE                     SIZE\nn1     shop:1, shop:latest       5.0 MiB\nn1     r.example/app@sha256:cd   0.5 MiB\nn2     shop:1                    5.0 MiB\n"),
            (await cluster.OrcAsync("images"), cluster.Output));
    }

    [Fact]
    public async Task Those_of_one_node_are_an_object()
    {
        using var cluster = new FakeCluster();
        cluster.On("GET /api/v1/nodes/n2", """{"metadata":{"name":"n2"},"status":{"images":[{"names":["shop:1"],"sizeBytes":5242880}]}}""");
        Assert.Equal(0, await cluster.OrcAsync("images --node n2 -o json"));
        Assert.Equal("""{"items":[{"node":"n2","names":["shop:1"],"sizeBytes":5242880}]}""", System.Text.Json.Nodes.JsonNode.Parse(cluster.Output)!.ToJsonString());
    }

    [Fact]
    public async Task A_format_that_is_none_is_refused()
    {
        using var cluster = new FakeCluster();
        Assert.Equal(2, await cluster.OrcAsync("images -o wide"));
    }
}
