using System.Net;
using System.Text.Json.Nodes;
using Orchestrator.Cli.Commands;

namespace Orchestrator.Tests.Cli;

/// <summary>Watching and waiting, through all that a server may do meanwhile.</summary>
public class WatchSpec
{
    private const string Pods = "GET /api/v1/namespaces/default/pods";
    private const string Columns = """{"name":"Name"},{"name":"Status"}""";

    [Fact]
    public async Task A_watch_goes_on_where_it_ended_and_lists_again_where_it_is_too_late()
    {
        using var cluster = new FakeCluster();
        cluster.On(Pods, Table(5, "Pending"));
        cluster.Then(Pods, Table(9, "Running"));
        cluster.On(Pods + "?watch=true&resourceVersion=5&allowWatchBookmarks=true", $"{{\"type\":\"MODIFIED\",\"object\":{Table(6, "ContainerCreating")}}}\n");
        cluster.On(Pods + "?watch=true&resourceVersion=6&allowWatchBookmarks=true", """{"type":"ERROR","object":{"kind":"Status","code":410,"reason":"Expired","message":"too old"}}""");
        cluster.Refuse(Pods + "?watch=true&resourceVersion=9&allowWatchBookmarks=true", HttpStatusCode.Forbidden, "Forbidden", "enough");
        Assert.Equal(1, await cluster.OrcAsync("get pods -w"));
        Assert.Equal("NAME    STATUS\nweb-1   Pending\nweb-1   ContainerCreating\nweb-1   Running\n", cluster.Output);
        Assert.Equal("Error from server (Forbidden): enough\n", cluster.Error);
    }

    [Fact]
    public async Task A_watch_outlives_a_restart_of_the_server()
    {
        const string watch = Pods + "?watch=true&resourceVersion=5&allowWatchBookmarks=true";
        using var cluster = new FakeCluster();
        cluster.On(Pods, Table(5, "Pending"));
        cluster.On(watch, "");
        cluster.Then(watch, """{"kind":"Status","code":503,"reason":"ServiceUnavailable","message":"the journal is being read"}""", HttpStatusCode.ServiceUnavailable);
        cluster.Then(watch, $"{{\"type\":\"MODIFIED\",\"object\":{Table(6, "Running")}}}\n");
        Assert.Equal(1, await cluster.OrcAsync("get pods -w"));
        Assert.Equal("NAME    STATUS\nweb-1   Pending\nweb-1   Running\n", cluster.Output);
        Assert.StartsWith("Waiting for the API server to answer again\nError from server (NotFound)", cluster.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_rollout_is_followed_to_its_end()
    {
        const string path = "GET /apis/apps/v1/namespaces/default/deployments";
        using var cluster = new FakeCluster();
        cluster.On(path + "/web", Deployment(1, 2));
        cluster.On(path + "?fieldSelector=metadata.name=web&watch=true&resourceVersion=1&allowWatchBookmarks=true",
            $"{{\"type\":\"MODIFIED\",\"object\":{Deployment(2, 2)}}}\n{{\"type\":\"MODIFIED\",\"object\":{Deployment(3, 3)}}}\n");
        Assert.Equal(0, await cluster.OrcAsync("rollout status deploy/web"));
        Assert.Equal("Waiting for deployment \"web\" rollout to finish: 2 of 3 updated replicas are available...\ndeployment \"web\" successfully rolled out\n", cluster.Output);
    }

    [Fact]
    public async Task A_wait_asks_until_the_condition_holds_and_says_what_it_is_meanwhile()
    {
        using var cluster = new FakeCluster();
        cluster.On(Pods + "/a", Pod("False", "ContainersNotReady"));
        cluster.Then(Pods + "/a", Pod("True", ""));
        Assert.Equal(0, await cluster.OrcAsync("wait pod/a --for=condition=Ready"));
        Assert.Equal("pod/a condition met\n", cluster.Output);
        Assert.Equal("Waiting for pod/a\nWaiting for pod/a: condition Ready is False (ContainersNotReady)\n", cluster.Error);
    }

    [Fact]
    public async Task A_wait_has_a_bound_that_names_what_was_missing()
    {
        using var cluster = new FakeCluster();
        cluster.On(Pods + "/a", Pod("False", ""));
        Assert.Equal(1, await cluster.OrcAsync("wait pod/a --for=condition=Ready --timeout=3s"));
        Assert.EndsWith("Timed out after 3s, still waiting for pod/a: condition Ready is False: see it with 'orc describe', or wait longer with --timeout.\n", cluster.Error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("jsonpath={.status.phase}=Running", "{\"status\":{\"phase\":\"Pending\"}}", "{.status.phase} is Pending")]
    [InlineData("jsonpath={.status.phase}=Running", "{\"status\":{\"phase\":\"Running\"}}", null)]
    [InlineData("delete", "{}", "to be gone")]
    [InlineData("delete", null, null)]
    [InlineData("condition=available=false", "{\"status\":{\"conditions\":[{\"type\":\"Available\",\"status\":\"False\"}]}}", null)]
    public void Goals_are_conditions_fields_and_absence(string goal, string? o, string? missing) =>
        Assert.Equal(missing, WaitCommand.Goal.Parse(goal)!.Missing(o is null ? null : (JsonObject)JsonNode.Parse(o)!));

    private static string Table(int revision, string status) => $$$$"""
        {"kind":"Table","metadata":{"resourceVersion":"{{{{revision}}}}"},"columnDefinitions":[{{{{Columns}}}}],"rows":[{"cells":["web-1","{{{{status}}}}"],"object":{"metadata":{"name":"web-1","resourceVersion":"{{{{revision}}}}"}}}]}
        """.ReplaceLineEndings("");

    private static string Deployment(int revision, int available) => $$$"""
        {"metadata":{"name":"web","resourceVersion":"{{{revision}}}"},"spec":{"replicas":3},"status":{"updatedReplicas":3,"replicas":3,"availableReplicas":{{{available}}}}}
        """;

    private static string Pod(string ready, string reason) => $$$"""
        {"metadata":{"name":"a"},"status":{"conditions":[{"type":"Ready","status":"{{{ready}}}","reason":"{{{reason}}}"}]}}
        """;
}
