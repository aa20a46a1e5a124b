using System.Net;
using Orchestrator.Cli;
using Orchestrator.Cli.Client;
using Orchestrator.Cli.Commands;

namespace Orchestrator.Tests.Cli;

/// <summary>The arguments, as kubectl takes them.</summary>
public class GrammarSpec
{
    private const string NoPods = """{"kind":"Table","metadata":{"resourceVersion":"1"},"columnDefinitions":[{"name":"Name"}],"rows":[]}""";

    private const string OnePod = """
        {"kind":"Table","metadata":{"resourceVersion":"1"},"columnDefinitions":[{"name":"Name"},{"name":"Status"}],
         "rows":[{"cells":["web-1","Running"],"object":{"metadata":{"name":"web-1","namespace":"default"}}}]}
        """;

    [Theory]
    [InlineData("get pods", "GET /api/v1/namespaces/default/pods")]
    [InlineData("get po", "GET /api/v1/namespaces/default/pods")]
    [InlineData("get Pod -n shop", "GET /api/v1/namespaces/shop/pods")]
    [InlineData("get -A pods", "GET /api/v1/pods")]
    [InlineData("get pod/web-1", "GET /api/v1/namespaces/default/pods/web-1")]
    [InlineData("get pod web-1 -nshop", "GET /api/v1/namespaces/shop/pods/web-1")]
    [InlineData("get no", "GET /api/v1/nodes")]
    [InlineData("get deployments.apps", "GET /apis/apps/v1/namespaces/default/deployments")]
    [InlineData("get deployments.v1.apps", "GET /apis/apps/v1/namespaces/default/deployments")]
    [InlineData("get pods -l app=web,tier!=db", "GET /api/v1/namespaces/default/pods?labelSelector=app=web,tier!=db")]
    [InlineData("get pods --field-selector=spec.nodeName=n1 -A", "GET /api/v1/pods?fieldSelector=spec.nodeName=n1")]
    public async Task Words_become_paths(string line, string request)
    {
        using var cluster = new FakeCluster();
        cluster.On(request, OnePod);
        Assert.Equal(0, await cluster.OrcAsync(line));
        var (_, accept, _, _) = cluster.Requests.Single(r => r.Request == request);
        Assert.Contains("as=Table", accept, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Several_types_name_their_rows_and_a_category_is_its_types()
    {
        using var cluster = new FakeCluster();
        cluster.On("GET /api/v1/namespaces/default/pods", OnePod);
        cluster.On("GET /apis/apps/v1/namespaces/default/deployments", OnePod);
        Assert.Equal(0, await cluster.OrcAsync("get all"));
        Assert.Equal("NAME        STATUS\npod/web-1   Running\n\nNAME                    STATUS\ndeployment.apps/web-1   Running\n", cluster.Output);
    }

    [Fact]
    public async Task Nothing_found_is_said_on_the_error_stream()
    {
        using var cluster = new FakeCluster();
        cluster.On("GET /api/v1/namespaces/default/pods", NoPods);
        Assert.Equal(0, await cluster.OrcAsync("get pods"));
        Assert.Equal(("", "No resources found in default namespace.\n"), (cluster.Output, cluster.Error));
    }

    [Theory]
    [InlineData("get pods -o name", "pod/web-1\n")]
    [InlineData("get pod web-1 -o jsonpath={.metadata.name}", "web-1")]
    [InlineData("get pod web-1 -oyaml", "apiVersion: v1\nkind: Pod\nmetadata:\n  name: web-1\n")]
    [InlineData("get pods -o jsonpath={range.items[*]}", null)]
    public async Task Objects_print_in_the_format_asked_for(string line, string? output)
    {
        using var cluster = new FakeCluster();
        cluster.On("GET /api/v1/namespaces/default/pods", """{"kind":"PodList","items":[{"metadata":{"name":"web-1"}}]}""");
        cluster.On("GET /api/v1/namespaces/default/pods/web-1", """{"kind":"Pod","apiVersion":"v1","metadata":{"name":"web-1"}}""");
        Assert.Equal(output is null ? 2 : 0, await cluster.OrcAsync(line));
        Assert.Equal(output ?? "", cluster.Output);
    }

    [Theory]
    [InlineData("get")]
    [InlineData("get pods -o nonsense")]
    [InlineData("get pod/a b")]
    [InlineData("get pod deploy/b")]
    [InlineData("get pods,deploy -w")]
    [InlineData("create")]
    [InlineData("wait pod a")]
    [InlineData("wait pod a --for=luck")]
    [InlineData("nonsense")]
    [InlineData("apply")]
    [InlineData("scale deploy/web")]
    [InlineData("scale deploy/web --replicas=-1")]
    [InlineData("scale deploy --replicas=1")]
    [InlineData("scale deploy/web --replicas=many")]
    [InlineData("rollout")]
    [InlineData("rollout status pod/web")]
    [InlineData("delete pods")]
    [InlineData("delete pod a --all")]
    [InlineData("label pod a")]
    [InlineData("delete pod a --timeout=soon")]
    [InlineData("completion tcsh")]
    public async Task A_wrong_command_line_ends_with_2_and_one_line(string line)
    {
        using var cluster = new FakeCluster();
        Assert.Equal(ExitCodes.Usage, await cluster.OrcAsync(line));
        Assert.Equal("", cluster.Output);
        Assert.Single(cluster.Error.Split('\n', StringSplitOptions.RemoveEmptyEntries));
    }

    [Fact]
    public async Task A_refusal_ends_with_1_and_the_servers_sentence()
    {
        using var cluster = new FakeCluster();
        cluster.Refuse("GET /api/v1/namespaces/default/pods/web", HttpStatusCode.NotFound, "NotFound", "pods \"web\" not found");
        Assert.Equal(1, await cluster.OrcAsync("get pod web"));
        Assert.Equal("Error from server (NotFound): pods \"web\" not found\n", cluster.Error);
        Assert.Equal(0, await cluster.OrcAsync("get pod web --ignore-not-found"));
    }

    [Fact]
    public async Task An_unknown_type_is_named()
    {
        using var cluster = new FakeCluster();
        Assert.Equal(1, await cluster.OrcAsync("get gadgets"));
        Assert.Equal("The server has no resource type \"gadgets\": 'orc api-resources' lists those it has.\n", cluster.Error);
    }

    [Fact]
    public async Task Scale_writes_the_subresource()
    {
        using var cluster = new FakeCluster();
        cluster.On("PATCH /apis/apps/v1/namespaces/default/deployments/web/scale", "{}");
        Assert.Equal(0, await cluster.OrcAsync("scale deploy/web --replicas=5"));
        Assert.Equal("deployment.apps/web scaled\n", cluster.Output);
        Assert.Equal("""{"spec":{"replicas":5}}""", cluster.Requests[^1].Body!.ToJsonString());
    }

    [Theory]
    [InlineData("delete pod a --force", """{"kind":"DeleteOptions","apiVersion":"v1","propagationPolicy":"Background","gracePeriodSeconds":0}""")]
    [InlineData("delete pod a --cascade=orphan --grace-period=7", """{"kind":"DeleteOptions","apiVersion":"v1","propagationPolicy":"Orphan","gracePeriodSeconds":7}""")]
    [InlineData("delete pod a", """{"kind":"DeleteOptions","apiVersion":"v1","propagationPolicy":"Background"}""")]
    public async Task Delete_sends_its_options(string line, string options)
    {
        using var cluster = new FakeCluster();
        cluster.On("DELETE /api/v1/namespaces/default/pods/a", """{"kind":"Status","status":"Success"}""");
        Assert.Equal(0, await cluster.OrcAsync(line));
        Assert.Equal(options, cluster.Requests[^1].Body!.ToJsonString());
    }

    [Fact]
    public async Task Delete_waits_until_the_object_is_gone_and_says_for_what()
    {
        using var cluster = new FakeCluster();
        cluster.On("DELETE /api/v1/namespaces/default/pods/a", """{"kind":"Pod","metadata":{"name":"a","uid":"1"}}""");
        cluster.On("GET /api/v1/namespaces/default/pods/a", """{"kind":"Pod","metadata":{"name":"a","uid":"2"}}""");
        Assert.Equal(0, await cluster.OrcAsync("delete pod a"));
        Assert.Equal("pod \"a\" deleted\n", cluster.Output);
        Assert.Equal("Waiting for 1 objects to be gone\n", cluster.Error);
    }

    [Fact]
    public void Labels_are_set_with_a_sign_and_taken_off_with_a_dash()
    {
        var (words, changes) = LabelCommand.Split(["pod", "web-1", "a=1", "b=", "c-"]);
        Assert.Equal(["pod", "web-1"], words);
        Assert.Equal("""{"a":"1","b":"","c":null}""", changes.ToJsonString());
    }

    [Theory]
    [InlineData("30", 30)]
    [InlineData("1m30s", 90)]
    [InlineData("500ms", 0.5)]
    [InlineData("2h", 7200)]
    public void Durations_are_as_in_Go(string text, double seconds) => Assert.Equal(TimeSpan.FromSeconds(seconds), Durations.Parse(text));

    [Fact]
    public void History_has_its_own_path()
    {
        var types = Discovery.Parse((System.Text.Json.Nodes.JsonObject)System.Text.Json.Nodes.JsonNode.Parse(
            """{"groupVersion":"v1","resources":[{"name":"nodes","singularName":"node","namespaced":false,"kind":"Node"},{"name":"pods","singularName":"pod","namespaced":true,"kind":"Pod"}]}""")!).ToList();
        Assert.Equal("/apis/history.orchestrator.io/v1/core/nodes/-/n1", HistoryCommand.Path(new Target(types[0], "n1"), "shop"));
        Assert.Equal("/apis/history.orchestrator.io/v1/core/pods/shop/web", HistoryCommand.Path(new Target(types[1], "web"), "shop"));
    }

    [Theory]
    [InlineData("orc roll", "rollout")]
    [InlineData("orc get --no-", "--no-headers")]
    [InlineData("orc rollout re", "restart,resume")]
    [InlineData("orc get p", "pods")]
    [InlineData("orc get pods ", "web-1,web-2")]
    [InlineData("orc get pods web-2", "web-2")]
    [InlineData("orc describe pod/", "pod/web-1,pod/web-2")]
    [InlineData("orc drain ", "n1")]
    public async Task A_shell_is_told_what_may_come_next(string line, string words)
    {
        using var cluster = new FakeCluster();
        cluster.On("GET /api/v1/namespaces/default/pods?limit=200", """{"items":[{"metadata":{"name":"web-1"}},{"metadata":{"name":"web-2"}}]}""");
        cluster.On("GET /api/v1/nodes?limit=200", """{"items":[{"metadata":{"name":"n1"}}]}""");
        Assert.Equal(words.Split(','), await cluster.CompleteAsync(line));
    }

    [Fact]
    public async Task Every_command_has_help_with_examples()
    {
        using var cluster = new FakeCluster();
        await cluster.OrcAsync("--help");
        var names = cluster.Output[cluster.Output.IndexOf("Commands:", StringComparison.Ordinal)..].Split('\n').Skip(1)
            .Where(l => l.StartsWith("  ", StringComparison.Ordinal) && l.Length > 2 && l[2] != ' ').Select(l => l.Trim().Split(' ')[0]).ToList();
        Assert.Contains("up", names);
        foreach (var name in names)
        {
            Assert.Equal(0, await cluster.OrcAsync($"{name} --help"));
            Assert.Contains("Examples:", cluster.Output, StringComparison.Ordinal);
        }
    }
}
