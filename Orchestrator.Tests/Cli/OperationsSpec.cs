using System.Text.Json.Nodes;
using Orchestrator.Cli;
using Orchestrator.Cli.Commands;
using Orchestrator.Cli.Hosting;
using Orchestrator.Cli.Output;

namespace Orchestrator.Tests.Cli;

/// <summary>What rollout status, drain, history and up decide.</summary>
public class OperationsSpec
{
    [Theory]
    [InlineData("{\"observedGeneration\":1}", false, "Waiting for deployment spec update to be observed...")]
    [InlineData("{\"observedGeneration\":2,\"updatedReplicas\":1,\"replicas\":3}", false, "Waiting for deployment \"web\" rollout to finish: 1 out of 3 new replicas have been updated...")]
    [InlineData("{\"observedGeneration\":2,\"updatedReplicas\":3,\"replicas\":4}", false, "Waiting for deployment \"web\" rollout to finish: 1 old replicas are pending termination...")]
    [InlineData("{\"observedGeneration\":2,\"updatedReplicas\":3,\"replicas\":3,\"availableReplicas\":2}", false, "Waiting for deployment \"web\" rollout to finish: 2 of 3 updated replicas are available...")]
    [InlineData("{\"observedGeneration\":2,\"updatedReplicas\":3,\"replicas\":3,\"availableReplicas\":3}", true, "deployment \"web\" successfully rolled out")]
    public void A_rollout_says_how_far_it_is(string status, bool isDone, string message)
    {
        var deployment = Parse($$$"""{"metadata":{"name":"web","generation":2},"spec":{"replicas":3},"status":{{{status}}}}""");
        Assert.Equal(new RolloutStatus(isDone, false, message), RolloutStatus.Of(deployment));
    }

    [Theory]
    [InlineData("DaemonSet", "{}", "{\"desiredNumberScheduled\":3,\"updatedNumberScheduled\":1}", "Waiting for daemonset \"web\" rollout to finish: 1 out of 3 new pods have been updated...")]
    [InlineData("DaemonSet", "{}", "{\"desiredNumberScheduled\":3,\"updatedNumberScheduled\":3,\"numberAvailable\":2}", "Waiting for daemonset \"web\" rollout to finish: 2 of 3 updated pods are available...")]
    [InlineData("DaemonSet", "{}", "{\"desiredNumberScheduled\":3,\"updatedNumberScheduled\":3,\"numberAvailable\":3}", null)]
    [InlineData("StatefulSet", "{\"replicas\":3}", "{\"updatedReplicas\":2,\"availableReplicas\":3}", "Waiting for statefulset \"web\" rollout to finish: 2 out of 3 new pods have been updated...")]
    [InlineData("StatefulSet", "{\"replicas\":3}", "{\"updatedReplicas\":3,\"availableReplicas\":2}", "Waiting for statefulset \"web\" rollout to finish: 2 of 3 updated pods are available...")]
    [InlineData("StatefulSet", "{\"replicas\":3,\"updateStrategy\":{\"rollingUpdate\":{\"partition\":2}}}", "{\"updatedReplicas\":1,\"availableReplicas\":3}", null)]
    [InlineData("StatefulSet", "{\"replicas\":1,\"updateStrategy\":{\"rollingUpdate\":{\"partition\":2}}}", "{\"availableReplicas\":1}", null)]
    public void A_rollout_of_another_kind_says_how_far_it_is(string kind, string spec, string status, string? message) =>
        Assert.Equal(new RolloutStatus(message is null, false, message ?? $"{kind.ToLowerInvariant()} \"web\" successfully rolled out"),
            RolloutStatus.Of(Parse($$$"""{"kind":"{{{kind}}}","metadata":{"name":"web"},"spec":{{{spec}}},"status":{{{status}}}}""")));

    [Fact]
    public void Without_a_rollout_there_is_nothing_to_wait_for() => Assert.Contains("OnDelete",
        Assert.Throws<CliException>(() => RolloutStatus.Of(Parse("""{"kind":"DaemonSet","metadata":{"name":"web"},"spec":{"updateStrategy":{"type":"OnDelete"}}}"""))).Message, StringComparison.Ordinal);

    [Fact]
    public void A_rollout_past_its_deadline_has_failed()
    {
        var deployment = Parse("""{"metadata":{"name":"web"},"spec":{"replicas":3},"status":{"conditions":[{"type":"Progressing","status":"False","reason":"ProgressDeadlineExceeded"}]}}""");
        Assert.True(RolloutStatus.Of(deployment).IsFailed);
    }

    [Theory]
    [InlineData("{\"conditions\":[{\"type\":\"PodScheduled\",\"status\":\"False\",\"reason\":\"Unschedulable\",\"message\":\"0/3 nodes are available\"}]}", "p: Unschedulable: 0/3 nodes are available")]
    [InlineData("{\"conditions\":[{\"type\":\"Ready\",\"status\":\"False\"}],\"containerStatuses\":[{\"state\":{\"waiting\":{\"reason\":\"ErrImagePull\",\"message\":\"no such image\"}}}]}", "p: ErrImagePull: no such image")]
    [InlineData("{\"conditions\":[{\"type\":\"Ready\",\"status\":\"True\"}],\"containerStatuses\":[{\"state\":{\"running\":{}}}]}", null)]
    public void A_rollout_that_hangs_names_what_is_in_the_way(string status, string? obstacle) =>
        Assert.Equal(obstacle, RolloutStatus.Obstacle(Parse($$$"""{"metadata":{"name":"p"},"status":{{{status}}}}""")));

    [Theory]
    [InlineData("{}", "default/p has no controller to replace it (--force deletes it)")]
    [InlineData("{\"owner\":\"ReplicaSet\"}", null)]
    [InlineData("{\"owner\":\"DaemonSet\"}", "default/p belongs to a DaemonSet (--ignore-daemonsets leaves it)")]
    [InlineData("{\"owner\":\"ReplicaSet\",\"emptyDir\":true}", "default/p has local data in an emptyDir (--delete-emptydir-data loses it)")]
    [InlineData("{\"phase\":\"Succeeded\",\"emptyDir\":true}", null)]
    public void A_drain_refuses_to_lose_anything_unasked(string pod, string? refusal)
    {
        var plan = DrainPlan.Of([Pod(Parse(pod))], false, false, false);
        Assert.Equal(refusal is null ? [] : [refusal], plan.Refusals);
        Assert.Empty(DrainPlan.Of([Pod(Parse(pod))], true, true, true).Refusals);
    }

    [Theory]
    [InlineData("{\"spec\":{\"replicas\":5},\"metadata\":{\"generation\":2,\"resourceVersion\":\"7\"}}", "spec.replicas=5")]
    [InlineData("{\"status\":{\"conditions\":[{\"type\":\"Ready\",\"status\":\"True\"}],\"podIP\":null}}", "status.conditions: Ready=True, -status.podIP")]
    [InlineData("{\"spec\":{\"containers\":[{\"name\":\"web\",\"image\":\"x:2\"}]}}", "spec.containers: web=x:2")]
    [InlineData("{\"status\":{\"containerStatuses\":[{\"name\":\"web\",\"state\":{\"waiting\":{\"reason\":\"CrashLoopBackOff\"}}}]}}", "status.containerStatuses: web=CrashLoopBackOff")]
    public void A_change_is_one_line(string change, string line) => Assert.Equal(line, PatchSummary.Of(Parse(change), 80));

    [Fact]
    public void A_long_change_is_cut() => Assert.Equal("spec.…", PatchSummary.Of(Parse("""{"spec":{"replicas":5}}"""), 6));

    [Theory]
    [InlineData("127.0.0.1:6443", "https://127.0.0.1:6443/")]
    [InlineData("0.0.0.0:7000", "https://127.0.0.1:7000/")]
    public void Up_asks_where_the_server_can_be_reached(string address, string server) => Assert.Equal(server, UpCommand.Server(address).ToString());

    [Theory]
    [InlineData("nonsense")]
    [InlineData("host:port")]
    public void Up_refuses_what_is_no_address(string address) => Assert.Throws<UsageException>(() => UpCommand.Server(address));

    [Fact]
    public void The_nodes_own_settings_say_what_it_will_be()
    {
        var settings = NodeSettings.Parse("data-dir=/x\napi-address=127.0.0.1:7001\nroles=worker\nnode-name=n1\nruntime=docker\nseed-nodes=a=b\n");
        Assert.Equal(("127.0.0.1:7001", false, true, "n1"), (settings.ApiAddress, settings.HasApi, settings.IsWorker, settings.NodeName));
    }

    [Fact]
    public void A_former_start_is_remembered_and_compared()
    {
        var data = new DataDirectory(Directory.CreateTempSubdirectory("orc").FullName);
        Assert.Empty(SavedOptions.Read(data));
        File.WriteAllLines(data.Arguments, ["--data-dir", data.Path, "--runtime", "simulated", "--journal", "Host=h;Password=p"]);
        var saved = SavedOptions.Read(data);
        Assert.Equal("--runtime simulated --journal ...", SavedOptions.Format(saved));
        Assert.Empty(SavedOptions.Differences(saved, []));
        Assert.Empty(SavedOptions.Differences(saved, new() { ["--runtime"] = "simulated" }));
        Assert.Equal(["--runtime is simulated, not docker", "--roles was not given"],
            SavedOptions.Differences(saved, new() { ["--runtime"] = "docker", ["--roles"] = "control" }));
        Directory.Delete(data.Path, recursive: true);
    }

    [Fact]
    public void Options_with_paths_hold_in_every_directory()
    {
        var options = SavedOptions.Absolute(new Dictionary<string, string> { ["--config"] = "a.conf", ["--journal"] = "Host=h", ["--runtime"] = "docker" });
        Assert.Equal([Path.GetFullPath("a.conf"), "Host=h", "docker"], options.Values);
        Assert.Equal(Path.GetFullPath("j.db"), SavedOptions.Absolute(new Dictionary<string, string> { ["--journal"] = "j.db" })["--journal"]);
    }

    [Fact]
    public void An_address_is_free_taken_or_of_another_machine()
    {
        using var listener = new System.Net.Sockets.TcpListener(System.Net.IPAddress.Loopback, 0);
        listener.Start();
        var address = (System.Net.IPEndPoint)listener.LocalEndpoint;
        Assert.Equal(System.Net.Sockets.SocketError.AddressAlreadyInUse, ListenCheck.Fault(address));
        listener.Stop();
        Assert.Null(ListenCheck.Fault(address));
        Assert.Equal(System.Net.Sockets.SocketError.AddressNotAvailable, ListenCheck.Fault(System.Net.IPEndPoint.Parse("203.0.113.7:6990")));
    }

    [Theory]
    [InlineData("{\"status\":{\"conditions\":[{\"type\":\"Ready\",\"status\":\"True\"}]}}", null)]
    [InlineData("{\"status\":{\"conditions\":[{\"type\":\"Ready\",\"status\":\"False\",\"message\":\"no engine\"}]}}", "node n1 is not ready: no engine")]
    [InlineData("{}", "node n1 is not ready: it has not reported its status yet")]
    public void A_node_that_can_run_no_pods_says_why(string node, string? fault) => Assert.Equal(fault, NodeCheck.Fault(Parse(node), "n1"));

    [Fact]
    public void A_pid_of_another_program_is_no_node()
    {
        var data = new DataDirectory(Directory.CreateTempSubdirectory("orc").FullName);
        File.WriteAllText(data.Pid, Environment.ProcessId.ToString(System.Globalization.CultureInfo.InvariantCulture));
        Assert.Null(NodeProcess.Running(data));
        Directory.Delete(data.Path, recursive: true);
    }

    [Fact]
    public void Describe_aligns_values_and_indents_blocks()
    {
        var writer = new DescribeWriter().Line("Name", "web").Line("Namespace", null).Block("Spec", s => s.Line("A", "1").Line("Long", "2"));
        Assert.Equal("Name:       web\nNamespace:  <none>\nSpec:\n  A:     1\n  Long:  2\n", writer.ToString());
    }

    [Theory]
    [InlineData("clusterIP", "Cluster IP")]
    [InlineData("type", "Type")]
    [InlineData("livenessProbe", "Liveness Probe")]
    [InlineData("osImage", "Os Image")]
    public void Field_names_become_words(string field, string words) => Assert.Equal(words, DescribeWriter.Words(field));

    private static JsonObject Pod(JsonObject facts) => new()
    {
        ["metadata"] = new JsonObject
        {
            ["name"] = "p",
            ["namespace"] = "default",
            ["ownerReferences"] = facts["owner"] is { } owner ? new JsonArray(new JsonObject { ["kind"] = owner.DeepClone(), ["controller"] = true }) : null,
        },
        ["spec"] = new JsonObject { ["volumes"] = facts["emptyDir"] is null ? null : new JsonArray(new JsonObject { ["emptyDir"] = new JsonObject() }) },
        ["status"] = new JsonObject { ["phase"] = facts["phase"]?.DeepClone() ?? "Running" },
    };

    private static JsonObject Parse(string json) => (JsonObject)JsonNode.Parse(json)!;
}
