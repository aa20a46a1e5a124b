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
    [InlineData("rollout pause ds/agent")]
    [InlineData("top")]
    [InlineData("top pods --sort-by=name")]
    [InlineData("delete pods")]
    [InlineData("delete pod a --all")]
    [InlineData("label pod a")]
    [InlineData("delete pod a --timeout=soon")]
    [InlineData("completion tcsh")]
    [InlineData("events --types=Foo")]
    [InlineData("set image deploy/web web-")]
    [InlineData("help gett")]
    [InlineData("delete pod a --dry-run=maybe")]
    [InlineData("delete pod a -o yaml")]
    [InlineData("apply -f - --validate=perhaps")]
    public async Task A_wrong_command_line_ends_with_2_and_one_line(string line)
    {
        using var cluster = new FakeCluster();
        Assert.Equal(ExitCodes.Usage, await cluster.OrcAsync(line));
        Assert.Equal("", cluster.Output);
        Assert.Single(cluster.Error.Split('\n', StringSplitOptions.RemoveEmptyEntries));
    }

    [Theory]
    [InlineData("delete pod a --dry-runn=client", "--dry-runn")]
    [InlineData("cordon n1 --bogus", "--bogus")]
    [InlineData("uncordon --bogus n1", "--bogus")]
    [InlineData("drain n1 --dryrun=client", "--dryrun")]
    [InlineData("label pod a b=c --bogus=1", "--bogus")]
    [InlineData("annotate pod a -x", "-x")]
    [InlineData("set image pod/a web=x:1 --dry=client", "--dry")]
    [InlineData("get pods --no-such", "--no-such")]
    [InlineData("create namespace --no-such", "--no-such")]
    [InlineData("logs a --no-such", "--no-such")]
    [InlineData("scale deploy/web --replicas=1 --no-such", "--no-such")]
    [InlineData("--no-such", "--no-such")]
    public async Task An_unknown_option_is_no_name(string line, string option)
    {
        using var cluster = new FakeCluster();
        Assert.Equal(ExitCodes.Usage, await cluster.OrcAsync(line));
        Assert.StartsWith($"Unknown option {option}: see 'orc", cluster.Error, StringComparison.Ordinal);
        Assert.Empty(cluster.Requests);
    }

    [Fact]
    public async Task Behind_two_dashes_a_dash_begins_a_name()
    {
        using var cluster = new FakeCluster();
        Assert.Equal(1, await cluster.OrcAsync("get pod --ignore-not-found=false", trailing: "-- -odd"));
        Assert.Contains("GET /api/v1/namespaces/default/pods/-odd", cluster.Requests.Select(r => r.Request));
    }

    [Theory]
    [InlineData("gett pods", "Unknown command \"gett\": did you mean \"get\"? see 'orc --help'.\n")]
    [InlineData("rollout statsu deploy/a", "Unknown command \"statsu\": did you mean \"status\"? see 'orc rollout --help'.\n")]
    [InlineData("frobnicate", "Unknown command \"frobnicate\": see 'orc --help'.\n")]
    [InlineData("logs a --tail=abc", "--tail must be a whole number, not \"abc\": see 'orc logs --help'.\n")]
    [InlineData("set image deploy/web", "Say which image: CONTAINER=IMAGE, such as web=orchestrator/sample:2, or *=IMAGE for all containers.\n")]
    public async Task A_mistake_is_named_with_what_would_be_right(string line, string error)
    {
        using var cluster = new FakeCluster();
        Assert.Equal((ExitCodes.Usage, error), (await cluster.OrcAsync(line), cluster.Error));
    }

    [Theory]
    [InlineData("help", "Commands:")]
    [InlineData("help rollout status", "orc rollout status deploy/web --timeout=2m")]
    [InlineData("--version", "Client Version: v")]
    public async Task Help_and_version_are_found_by_their_other_names(string line, string part)
    {
        using var cluster = new FakeCluster();
        Assert.Equal(0, await cluster.OrcAsync(line));
        Assert.Contains(part, cluster.Output, StringComparison.Ordinal);
        Assert.Empty(cluster.Requests);
    }

    [Theory]
    [InlineData("delete pod a --dry-run=client", "pod \"a\" deleted (dry run)\n")]
    [InlineData("delete pod a --dry-run=client -o name", "pod/a\n")]
    [InlineData("scale deploy/web --replicas=5 --dry-run=client", "deployment.apps/web scaled (dry run)\n")]
    [InlineData("scale deploy/web --replicas=5 --dry-run=client -o yaml", "kind: Deployment\nmetadata:\n  name: web\nspec:\n  replicas: 5\n")]
    [InlineData("label pod a b=c --dry-run=client", "pod/a labeled (dry run)\n")]
    [InlineData("create deployment new --image=x:1 --dry-run=client", "deployment.apps/new created (dry run)\n")]
    [InlineData("create --dry-run=client deployment new --image=x:1 -o name", "deployment.apps/new\n")]
    [InlineData("label pod a b=c --dry-run=client -o yaml", "metadata:\n  labels:\n    b: c\n    old: \"1\"\n  name: a\n  namespace: default\n")]
    [InlineData("annotate pod a b=c --dry-run=client -o name", "pod/a\n")]
    [InlineData("cordon n1 --dry-run=client", "node/n1 cordoned (dry run)\n")]
    [InlineData("drain n1 --dry-run=client --force", "node/n1 cordoned (dry run)\nevicting pod default/a (dry run)\nnode/n1 drained (dry run)\n")]
    [InlineData("rollout restart deploy/web --dry-run=client", "deployment.apps/web restarted (dry run)\n")]
    [InlineData("rollout pause deploy/web --dry-run=client", "deployment.apps/web paused (dry run)\n")]
    [InlineData("rollout undo deploy/api --dry-run=client", "deployment.apps/api rolled back (dry run)\n")]
    [InlineData("rollout undo ds/agent --dry-run=client", "daemonset.apps/agent rolled back (dry run)\n")]
    [InlineData("rollout undo ds/agent --to-revision=1 --dry-run=client -o yaml", "metadata:\n  name: agent\n  uid: d\nspec:\n  template:\n    spec:\n      nodeName: old\n")]
    [InlineData("rollout history ds/agent --revision=2", "daemonset.apps/agent with revision #2\nspec:\n  nodeName: new\n")]
    [InlineData("rollout restart ds/agent --dry-run=client", "daemonset.apps/agent restarted (dry run)\n")]
    [InlineData("set image deploy/api web=x:2 --dry-run=client", "deployment.apps/api image updated (dry run)\n")]
    [InlineData("set image pod/b *=x:2 --dry-run=client -o yaml", "metadata:\n  name: b\nspec:\n  containers:\n  - image: x:2\n    name: web\n")]
    public async Task A_dry_run_of_the_client_changes_nothing(string line, string output)
    {
        using var cluster = Objects();
        Assert.Equal((0, output), (await cluster.OrcAsync(line), cluster.Output));
        Assert.All(cluster.Requests, r => Assert.StartsWith("GET ", r.Request, StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("delete pod a --dry-run=server", "DELETE /api/v1/namespaces/default/pods/a?dryRun=All", "pod \"a\" deleted (server dry run)\n")]
    [InlineData("scale deploy/web --replicas=5 --dry-run=server", "PATCH /apis/apps/v1/namespaces/default/deployments/web/scale?dryRun=All", "deployment.apps/web scaled (server dry run)\n")]
    [InlineData("label pod a b=c --dry-run=server", "PATCH /api/v1/namespaces/default/pods/a?dryRun=All", "pod/a labeled (server dry run)\n")]
    [InlineData("cordon n1 --dry-run=server", "PATCH /api/v1/nodes/n1?dryRun=All", "node/n1 cordoned (server dry run)\n")]
    [InlineData("label pod a old-", "PATCH /api/v1/namespaces/default/pods/a", "pod/a unlabeled\n")]
    [InlineData("annotate pod a old-", null, "pod/a not annotated\n")]
    public async Task A_dry_run_of_the_server_asks_it(string line, string? request, string output)
    {
        using var cluster = Objects();
        if (request is not null)
        {
            cluster.On(request, """{"kind":"Pod","metadata":{"name":"a"}}""");
        }

        Assert.Equal((0, output), (await cluster.OrcAsync(line), cluster.Output));
        Assert.Equal(request is null ? [] : [request], cluster.Requests.Select(r => r.Request).Where(r => !r.StartsWith("GET ", StringComparison.Ordinal)));
    }

    private static FakeCluster Objects()
    {
        var cluster = new FakeCluster();
        cluster.On("GET /api/v1/namespaces/default/pods/a", """{"metadata":{"name":"a","namespace":"default","labels":{"old":"1"}}}""");
        cluster.On("GET /api/v1/nodes/n1", """{"metadata":{"name":"n1"}}""");
        cluster.On("GET /api/v1/pods?fieldSelector=spec.nodeName=n1", """{"items":[{"metadata":{"name":"a","namespace":"default"}}]}""");
        cluster.On("GET /apis/apps/v1/namespaces/default/deployments/web", """{"kind":"Deployment","metadata":{"name":"web"},"spec":{"replicas":3}}""");
        cluster.On("GET /apis/apps/v1/namespaces/default/deployments/api", """
            {"metadata":{"name":"api","uid":"u"},"spec":{"template":{"spec":{"containers":[{"name":"web","image":"x:1"}]}}}}
            """);
        cluster.On("GET /apis/apps/v1/namespaces/default/replicasets", """
            {"items":[{"metadata":{"name":"old","ownerReferences":[{"uid":"u"}],"annotations":{"deployment.kubernetes.io/revision":"1"}},
                       "spec":{"template":{"spec":{}}}},
                      {"metadata":{"name":"new","ownerReferences":[{"uid":"u"}],"annotations":{"deployment.kubernetes.io/revision":"2"}},
                       "spec":{"template":{"spec":{"containers":[{"name":"web","image":"x:1"}]}}}}]}
            """);
        cluster.On("GET /apis/apps/v1/namespaces/default/daemonsets/agent", """{"metadata":{"name":"agent","uid":"d"},"spec":{"template":{"spec":{"nodeName":"new"}}}}""");
        cluster.On("GET /apis/apps/v1/namespaces/default/controllerrevisions", """
            {"items":[{"metadata":{"ownerReferences":[{"uid":"d"}]},"revision":2,"data":{"spec":{"template":{"$patch":"replace","spec":{"nodeName":"new"}}}}},
                      {"metadata":{"ownerReferences":[{"uid":"d"}]},"revision":1,"data":{"spec":{"template":{"$patch":"replace","spec":{"nodeName":"old"}}}}},
                      {"metadata":{"ownerReferences":[{"uid":"other"}]},"revision":3,"data":{"spec":{"template":{}}}}]}
            """);
        cluster.On("GET /api/v1/namespaces/default/pods/b", """{"metadata":{"name":"b"},"spec":{"containers":[{"name":"web","image":"x:1"}]}}""");
        return cluster;
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
        Assert.Equal("Waiting for 1 object to be gone\n", cluster.Error);
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
    public async Task A_setting_that_is_no_option_of_up_is_said_to_be_elsewhere()
    {
        using var cluster = new FakeCluster();
        Assert.Equal(2, await cluster.OrcAsync("up --pod-cidr 10.0.0.0/8"));
        Assert.Contains("Other settings are in the environment, as ORCHESTRATOR_POD_CIDR, or in the file of --config.", cluster.Error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("NaN")]
    [InlineData("Infinity")]
    [InlineData("99999999999999999999")]
    [InlineData("99999999999999h")]
    [InlineData("1h\n")]
    [InlineData("-1s")]
    [InlineData("")]
    public void What_is_no_duration_is_none(string text) => Assert.Null(Durations.Parse(text));

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
    [InlineData("orc get po", "poddisruptionbudgets,pods")]
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
