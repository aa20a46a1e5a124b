using System.Text.Json.Nodes;
using Orchestrator.Tests.Kit;

namespace Orchestrator.Tests.Cli;

/// <summary>orc as its user meets it: the program itself against a node it started.</summary>
public class EndToEndSpec(LocalCluster cluster) : IClassFixture<LocalCluster>
{
    private const string Web = """
        apiVersion: apps/v1
        kind: Deployment
        metadata: {name: NAME, labels: {app: NAME}}
        spec:
          replicas: 3
          selector: {matchLabels: {app: NAME}}
          template:
            metadata: {labels: {app: NAME}}
            spec:
              containers:
              - {name: web, image: "orchestrator/sample:1"}
        """;

    [Fact]
    public async Task A_deployment_from_apply_to_delete()
    {
        Assert.Equal("deployment.apps/web created\n", await SucceedsAsync("apply -f -", Manifest("web")));
        Assert.EndsWith("deployment \"web\" successfully rolled out\n", await SucceedsAsync("rollout status deploy/web --timeout=60s"), StringComparison.Ordinal);
        Assert.Equal("deployment.apps/web unchanged\n", await SucceedsAsync("apply -f -", Manifest("web")));
        Assert.Equal("deployment.apps/web scaled\n", await SucceedsAsync("scale deploy web --replicas=4"));
        await SucceedsAsync("rollout status deploy/web --timeout=60s");
        Assert.Equal(4, Lines(await SucceedsAsync("get pods -l app=web --no-headers")).Length);
        Assert.Equal("deployment.apps/web image updated\n", await SucceedsAsync("set image deploy/web web=orchestrator/sample:2"));
        await SucceedsAsync("rollout status deploy/web --timeout=60s");
        Assert.Equal("deployment.apps/web rolled back\n", await SucceedsAsync("rollout undo deploy/web"));
        await SucceedsAsync("rollout status deploy/web --timeout=60s");
        Assert.Equal("orchestrator/sample:1", await SucceedsAsync("get deploy/web -o jsonpath={.spec.template.spec.containers[0].image}"));
        Assert.Equal(["2", "3"], Lines(await SucceedsAsync("rollout history deploy/web")).Skip(2).Select(l => l.Split(' ')[0]));
        Assert.Contains("deployment.apps.scaled.1", await SucceedsAsync("history deploy/web"), StringComparison.Ordinal);
        Assert.Contains("ScalingReplicaSet", await SucceedsAsync("describe deploy/web"), StringComparison.Ordinal);
        Assert.Contains("ScalingReplicaSet", await SucceedsAsync("events --for deploy/web"), StringComparison.Ordinal);
        Assert.Equal("deployment.apps \"web\" deleted\n", await SucceedsAsync("delete deploy web"));
        Assert.Contains("deployment.apps.deleted.1", await SucceedsAsync("history deploy/web"), StringComparison.Ordinal);
        (await cluster.OrcAsync("get deploy web")).EndedWith(1);
    }

    [Fact]
    public async Task A_deployment_of_options_is_exposed_scaled_and_restarted()
    {
        Assert.Equal("service/single created\npod/single created\n", await SucceedsAsync("run single --image=orchestrator/sample:1 --requests=cpu=200m --port=80 --expose"));
        Assert.Equal("200m", await SucceedsAsync("get pod single -o jsonpath={.spec.containers[0].resources.requests.cpu}"));
        await SucceedsAsync("create deployment many --image=orchestrator/sample:1 --requests=cpu=100m --port=80");
        Assert.Equal("service/many exposed\n", await SucceedsAsync("expose deploy/many"));
        Assert.Equal("horizontalpodautoscaler.autoscaling/many autoscaled\n", await SucceedsAsync("autoscale deploy/many --min=1 --max=3 --cpu=80%"));
        await SucceedsAsync("rollout status deploy/many --timeout=60s");
        Assert.Equal("deployment.apps/many env updated\n", await SucceedsAsync("set env deploy/many LEVEL=debug"));
        Assert.Equal("deployment.apps/many resource requirements updated\n", await SucceedsAsync("set resources deploy/many --limits=cpu=500m"));
        await SucceedsAsync("rollout status deploy/many --timeout=60s");
        Assert.Equal("LEVEL=debug 100m 500m", await SucceedsAsync(
            "get deploy/many -o jsonpath={.spec.template.spec.containers[0].env[0].name}={.spec.template.spec.containers[0].env[0].value}") + " "
            + await SucceedsAsync("get deploy/many -o jsonpath={.spec.template.spec.containers[0].resources.requests.cpu}") + " "
            + await SucceedsAsync("get deploy/many -o jsonpath={.spec.template.spec.containers[0].resources.limits.cpu}"));
        Assert.Equal("job.batch/once created\n", await SucceedsAsync("create job once --image=busybox"));
        await SucceedsAsync("delete deploy/many svc/many hpa/many pod/single svc/single job/once");
    }

    [Fact]
    public async Task A_quota_of_options_bounds_the_namespace()
    {
        await SucceedsAsync("create namespace bounded");
        Assert.Equal("resourcequota/small created\n", await SucceedsAsync("create quota small --hard=configmaps=2 -n bounded"));
        await Poll.UntilAsync(async () => (await SucceedsAsync("get quota small -n bounded -o jsonpath={.status.used.configmaps}")) == "1", TimeSpan.FromSeconds(30), () =>
            "the quota is calculated");
        await SucceedsAsync("create configmap one -n bounded");
        Assert.Contains("configmaps \"two\" is forbidden: exceeded quota: small, requested: configmaps=1, used: configmaps=2, limited: configmaps=2",
            (await cluster.OrcAsync("create configmap two -n bounded")).Error, StringComparison.Ordinal);
        await SucceedsAsync("delete namespace bounded");
    }

    [Fact]
    public async Task The_status_tells_what_a_server_says_of_itself()
    {
        var checks = JsonNode.Parse((await cluster.OrcAsync("status -o json")).Output)!["checks"]!.AsArray().ToDictionary(c => (string)c!["name"]!, c => c!);
        foreach (var (name, message) in ((string, string)[])[("API server", "^ready, version v1\\."), ("Journal", "^writable, [0-9.]+ MiB, oldest event [0-9ms]+ old$"),
            ("Certificates", "^(admin|apiserver) ends first, in 36[45] days$"), ("Nodes", "^3 of 3 ready"), ("Scheduler", ""), ("Pods", ""), ("Workloads", "")])
        {
            Assert.Matches(message, (string)checks[name]["message"]!);
            Assert.True(message.Length == 0 || (string?)checks[name]["status"] == "ok", checks[name].ToJsonString());
        }
    }

    [Fact]
    public async Task A_misspelt_field_is_refused_or_warned_of()
    {
        const string map = "{apiVersion: v1, kind: ConfigMap, metadata: {name: misspelt}, dta: {a: b}}";
        var refused = await cluster.OrcAsync("apply -f -", map);
        refused.EndedWith(1);
        Assert.Contains("unknown field \"dta\"", refused.Error, StringComparison.Ordinal);
        var warned = await cluster.OrcAsync("apply --validate=warn --dry-run=server -f -", map);
        Assert.Equal("configmap/misspelt created (server dry run)\n", warned.Succeeded());
        Assert.Equal("Warning: unknown field \"dta\"\n", warned.Error);
        (await cluster.OrcAsync("get cm misspelt")).EndedWith(1);
    }

    [Fact]
    public async Task A_drain_moves_the_pods_of_a_node()
    {
        await SucceedsAsync("apply -f -", Manifest("moving"));
        await SucceedsAsync("rollout status deploy/moving --timeout=60s");
        var node = await SucceedsAsync("get pods -l app=moving -o jsonpath={.items[0].spec.nodeName}");
        Assert.EndsWith($"node/{node} drained\n", await SucceedsAsync($"drain {node} --timeout=60s"), StringComparison.Ordinal);
        await SucceedsAsync("rollout status deploy/moving --timeout=60s");
        Assert.DoesNotContain(node, (await SucceedsAsync("get pods -l app=moving -o jsonpath={.items[*].spec.nodeName}")).Split(' '));
        Assert.Equal($"node/{node} uncordoned\n", await SucceedsAsync($"uncordon {node}"));
        await SucceedsAsync("delete deploy moving");
    }

    [Fact]
    public async Task A_second_up_says_that_it_runs_already()
    {
        var again = await cluster.UpAsync();
        Assert.Matches("^A node is already running in .* \\(pid [0-9]+\\)\\.\n$", again.Succeeded());
    }

    [Fact]
    public async Task A_second_up_with_other_options_says_which()
    {
        (await cluster.OrcAsync($"up --data-dir {cluster.Data}")).EndedWith(0);
        var other = await cluster.OrcAsync($"up --data-dir {cluster.Data} --simulated-nodes 4");
        other.EndedWith(1);
        Assert.Contains("with other options: --simulated-nodes is 3, not 4. Stop it", other.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_up_that_fails_shows_the_nodes_last_words()
    {
        var other = Directory.CreateTempSubdirectory("orc-e2e-").FullName;
        var result = await cluster.OrcAsync($"up --data-dir {other} --journal /proc/none/journal.db --runtime simulated --api-address {FreePort.Address()}");
        result.EndedWith(1);
        Assert.Contains("level=error component=host msg=\"Could not start while the journal is being read\" error=", result.Error, StringComparison.Ordinal);
        Directory.Delete(other, recursive: true);
    }

    [Theory]
    [InlineData("--runtime nonsense", "runtime: \"nonsense\" must be docker or simulated\n")]
    [InlineData("--roles worker", "seed-nodes: a worker needs --seed-nodes")]
    [InlineData("--roles worker --seed-nodes 127.0.0.1:1", "join: a host that joins a cluster needs --join with pki/worker.join")]
    [InlineData("--data-dir /proc/none", "--data-dir /proc/none is not writable: ")]
    [InlineData("--data-dir /etc/passwd", "--data-dir /etc/passwd is not writable: ")]
    [InlineData("--api-address 203.0.113.7:6990", "203.0.113.7 is not an address of this machine")]
    public async Task An_up_that_cannot_be_is_refused_at_once(string options, string error)
    {
        var data = options.Contains("--data-dir", StringComparison.Ordinal) ? "" : $"--data-dir {Path.Combine(cluster.Data, "other")}";
        var api = options.Contains("--api-address", StringComparison.Ordinal) ? "" : $"--api-address {FreePort.Address()}";
        var result = await cluster.OrcAsync($"up {options} {data} {api}");
        result.EndedWith(2);
        Assert.StartsWith(error, result.Error, StringComparison.Ordinal);
        Assert.Single(result.Error.Split('\n', StringSplitOptions.RemoveEmptyEntries));
        Assert.False(Directory.Exists(Path.Combine(cluster.Data, "other")));
    }

    [Theory]
    [InlineData("--data-dir /proc/none", 2, "orchestrator-node: --data-dir /proc/none is not writable: ")]
    [InlineData("--data-dir /etc/passwd", 2, "orchestrator-node: --data-dir /etc/passwd is not writable: ")]
    [InlineData("--bogus", 2, "orchestrator-node: --bogus is not an option; ")]
    [InlineData("--help", 0, "orchestrator-node runs a host")]
    public async Task The_node_itself_says_what_is_wrong_or_possible(string options, int code, string said)
    {
        var result = await Command.RunAsync(Path.Combine(AppContext.BaseDirectory, "orchestrator-node"), options.Split(' '), TimeSpan.FromSeconds(60));
        result.EndedWith(code);
        Assert.StartsWith(said, code == 0 ? result.Output : result.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_node_prints_its_version()
    {
        var version = await Command.RunAsync(Path.Combine(AppContext.BaseDirectory, "orchestrator-node"), ["--version"], TimeSpan.FromSeconds(60));
        Assert.Equal(Orchestrator.Actors.Api.Release.Full, $"{Orchestrator.Actors.Api.Release.Kubernetes}+orchestrator.{version.Succeeded().TrimEnd()}");
    }

    [Fact]
    public async Task An_up_where_another_listens_names_it_and_starts_nothing()
    {
        var other = Path.Combine(cluster.Data, "other");
        var config = Path.Combine(cluster.Data, "taken.conf");
        await File.WriteAllTextAsync(config, $"orchestrator {{ runtime = simulated, api-address = \"{cluster.Api}\" }}");
        var result = await cluster.OrcAsync($"up --data-dir {other} --config {config}");
        result.EndedWith(1);
        Assert.Matches($"^An Orchestrator \\(.+\\) is already listening on {cluster.Api}: stop it, or choose another address with --api-address.\n$", result.Error);
        Assert.False(Directory.Exists(other));
    }

    [Fact]
    public async Task An_up_without_options_is_like_the_former_and_warns_of_a_node_that_is_not_ready()
    {
        var data = Directory.CreateTempSubdirectory("orc-e2e-").FullName;
        var api = FreePort.Address();
        try
        {
            var first = await cluster.OrcAsync($"up --data-dir {data} --api-address {api} --node-name lonely --docker-host unix://{data}/none.sock");
            Assert.Equal($"The cluster is ready at https://{api}.\nexport KUBECONFIG={data}/admin.kubeconfig\n", first.Succeeded());
            Assert.Contains("Warning: node lonely is not ready: container runtime is down", first.Error, StringComparison.Ordinal);
            (await cluster.OrcAsync($"down --data-dir {data}")).Succeeded();
            var again = await cluster.OrcAsync($"up --data-dir {data}");
            Assert.Contains($"https://{api}.", again.Succeeded(), StringComparison.Ordinal);
            Assert.StartsWith($"Using the options of the last start: --api-address {api} --node-name lonely --docker-host", again.Error, StringComparison.Ordinal);
        }
        finally
        {
            await cluster.OrcAsync($"down --data-dir {data}");
            Directory.Delete(data, recursive: true);
        }
    }

    [Fact]
    public async Task What_orc_applied_is_unchanged_for_kubectl_and_the_other_way_round()
    {
        var kubectl = new Kubectl(Kubectl.Newest, Path.Combine(cluster.Data, "admin.kubeconfig"));
        Assert.Equal("deployment.apps/shared created\n", await SucceedsAsync("apply -f -", Manifest("shared")));
        Assert.Equal("deployment.apps/shared unchanged\n", (await kubectl.FeedAsync(Manifest("shared"), "apply", "-f", "-")).Succeeded());
        var changed = Manifest("shared").Replace("replicas: 3", "replicas: 1", StringComparison.Ordinal);
        Assert.Equal("deployment.apps/shared configured\n", (await kubectl.FeedAsync(changed, "apply", "-f", "-")).Succeeded());
        Assert.Equal("deployment.apps/shared unchanged\n", await SucceedsAsync("apply -f -", changed));
        await SucceedsAsync("delete deploy shared");
    }

    [Fact]
    public async Task A_purge_keeps_its_hands_off_other_directories()
    {
        var other = Directory.CreateTempSubdirectory("orc-e2e-").FullName;
        await File.WriteAllTextAsync(Path.Combine(other, "letter"), "dear");
        (await cluster.OrcAsync($"down --purge --data-dir {other}")).EndedWith(1);
        Assert.True(File.Exists(Path.Combine(other, "letter")));
        Directory.Delete(other, recursive: true);
    }

    [Fact]
    public async Task Without_a_server_orc_says_how_to_start_one()
    {
        var config = Path.Combine(cluster.Data, "nobody");
        await File.WriteAllTextAsync(config, "{clusters: [{name: c, cluster: {server: 'http://127.0.0.1:1'}}], contexts: [{name: c, context: {cluster: c}}], current-context: c}");
        var result = await cluster.OrcAsync($"get pods --kubeconfig {config}");
        Assert.Equal((1, "No API server answers at http://127.0.0.1:1: start one with 'orc up', or select another one with --kubeconfig.\n"), (result.ExitCode, result.Error));
    }

    private async Task<string> SucceedsAsync(string line, string? input = null) => (await cluster.OrcAsync(line, input)).Succeeded();

    private static string Manifest(string name) => Web.Replace("NAME", name, StringComparison.Ordinal);

    private static string[] Lines(string text) => text.Split('\n', StringSplitOptions.RemoveEmptyEntries);
}
