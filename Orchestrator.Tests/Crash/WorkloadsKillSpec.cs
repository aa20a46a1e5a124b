using System.Text.Json.Nodes;
using Orchestrator.Tests.Kit;

namespace Orchestrator.Tests.Crash;

/// <summary>Kills the process while the controllers of every kind of workload have work, and asks for the end that was wanted. What each single event does is tried by
/// the simulation (<c>ControllerKillSpec</c>).</summary>
public sealed class WorkloadsKillSpec
{
    private const int Seed = 20261127;
    private const string Apps = "/apis/apps/v1/namespaces/default";
    private static readonly TimeSpan Bound = TimeSpan.FromSeconds(120);

    [Fact]
    public async Task Every_controller_goes_on_where_it_was()
    {
        using var folder = new TempFolder();
        await File.WriteAllTextAsync(folder.File("slow.conf"), """
            orchestrator.metric-resolution = 1s
            orchestrator.horizontal-pod-autoscaler { sync-period = 1s, cpu-initialization-period = 0s }
            orchestrator.simulation { start-delay = 200ms, stop-delay = 200ms }
            """);
        await using var node = await NodeProcess.StartAsync(new NodeSettings("simulated", 3, ["--config", folder.File("slow.conf")]));
        var random = new Random(Seed);

        await ApplyAsync(node, "/api/v1/namespaces/default/replicationcontrollers", Workload("v1", "ReplicationController", "rc", "\"replicas\": 4, \"selector\": { \"app\": \"rc\" },"));
        await ApplyAsync(node, $"{Apps}/replicasets", Workload("apps/v1", "ReplicaSet", "rs", "\"replicas\": 4, \"selector\": { \"matchLabels\": { \"app\": \"rs\" } },"));
        await ApplyAsync(node, $"{Apps}/deployments", Workload("apps/v1", "Deployment", "web", "\"replicas\": 6, \"selector\": { \"matchLabels\": { \"app\": \"web\" } },"));
        await ApplyAsync(node, $"{Apps}/deployments", Workload("apps/v1", "Deployment", "busy", "\"replicas\": 1, \"selector\": { \"matchLabels\": { \"app\": \"busy\" } },"));
        await ApplyAsync(node, $"{Apps}/statefulsets", Workload("apps/v1", "StatefulSet", "db", "\"replicas\": 3, \"serviceName\": \"db\", \"selector\": { \"matchLabels\": { \"app\": \"db\" } },"));
        await ApplyAsync(node, $"{Apps}/daemonsets", Workload("apps/v1", "DaemonSet", "log", "\"selector\": { \"matchLabels\": { \"app\": \"log\" } },"));
        await ApplyAsync(node, "/apis/batch/v1/namespaces/default/jobs", Job("Indexed", "tasks"));
        await ApplyAsync(node, "/apis/batch/v1/namespaces/default/jobs", Job("NonIndexed", "plain"));
        await ApplyAsync(node, "/apis/autoscaling/v1/namespaces/default/horizontalpodautoscalers", """
            { "apiVersion": "autoscaling/v1", "kind": "HorizontalPodAutoscaler", "metadata": { "name": "busy" },
              "spec": { "maxReplicas": 4, "targetCPUUtilizationPercentage": 50, "scaleTargetRef": { "apiVersion": "apps/v1", "kind": "Deployment", "name": "busy" } } }
            """);
        await KillAsync(node, random);

        foreach (var kind in (string[])["deployments/web", "statefulsets/db", "daemonsets/log"])
        {
            await node.AskAsync(HttpMethod.Patch, $"{Apps}/{kind}", """{ "spec": { "template": { "metadata": { "annotations": { "round": "2" } } } } }""", "application/merge-patch+json");
        }

        await node.AskAsync(HttpMethod.Patch, $"{Apps}/replicasets/rs", """{ "spec": { "replicas": 1 } }""", "application/merge-patch+json");
        await node.AskAsync(HttpMethod.Patch, "/api/v1/namespaces/default/replicationcontrollers/rc", """{ "spec": { "replicas": 7 } }""", "application/merge-patch+json");
        await KillAsync(node, random);
        await KillAsync(node, random);

        await IsAsync(node, "/api/v1/namespaces/default/replicationcontrollers/rc", "rc", 7, ("replicas", 7), ("readyReplicas", 7));
        await IsAsync(node, $"{Apps}/replicasets/rs", "rs", 1, ("replicas", 1), ("readyReplicas", 1));
        await IsAsync(node, $"{Apps}/deployments/web", "web", 6, ("replicas", 6), ("updatedReplicas", 6), ("availableReplicas", 6));
        await IsAsync(node, $"{Apps}/deployments/busy", "busy", 4, ("replicas", 4), ("availableReplicas", 4));
        await IsAsync(node, $"{Apps}/statefulsets/db", "db", 3, ("replicas", 3), ("updatedReplicas", 3), ("readyReplicas", 3));
        await IsAsync(node, $"{Apps}/daemonsets/log", "log", 3, ("desiredNumberScheduled", 3), ("updatedNumberScheduled", 3), ("numberAvailable", 3));
        await IsAsync(node, "/apis/batch/v1/namespaces/default/jobs/tasks", "tasks", 8, ("succeeded", 8));
        await IsAsync(node, "/apis/batch/v1/namespaces/default/jobs/plain", "plain", 8, ("succeeded", 8));
        var indexes = (await PodsAsync(node, "tasks")).Select(p => (string)p["metadata"]!["annotations"]!["batch.kubernetes.io/job-completion-index"]!);
        Assert.Equal(Enumerable.Range(0, 8).Select(i => $"{i}"), indexes.Order(StringComparer.Ordinal));
    }

    // In the middle of what was asked for last.
    private static async Task KillAsync(NodeProcess node, Random random)
    {
        await Task.Delay(random.Next(50, 1200));
        await node.KillAsync();
        await node.RestartAsync();
    }

    private static Task ApplyAsync(NodeProcess node, string path, string manifest) => node.AskAsync(HttpMethod.Post, path, manifest);

    private static async Task IsAsync(NodeProcess node, string path, string app, int pods, params (string Field, int Value)[] status)
    {
        JsonNode? last = null;
        var found = 0;
        await Poll.UntilAsync(async () =>
        {
            last = await node.AskAsync(HttpMethod.Get, path);
            found = (await PodsAsync(node, app)).Count;
            return found == pods && status.All(s => (int?)last["status"]?[s.Field] == s.Value);
        }, Bound, () => $"{path} with {found} pods: {last?["status"]?.ToJsonString()}; the node said: {node.Output}");
    }

    // Simulated containers end with their process; the pods of jobs fail then.
    private static async Task<IReadOnlyList<JsonNode>> PodsAsync(NodeProcess node, string app) =>
        [.. (await node.AskAsync(HttpMethod.Get, $"/api/v1/namespaces/default/pods?labelSelector=app={app}"))["items"]!.AsArray().Select(p => p!).Where(p => (string?)p["status"]!["phase"] != "Failed")];

    private static string Workload(string version, string kind, string name, string spec) => $$"""
        { "apiVersion": "{{version}}", "kind": "{{kind}}", "metadata": { "name": "{{name}}" }, "spec": { {{spec}}
          "template": { "metadata": { "labels": { "app": "{{name}}" }, "annotations": { "simulation.orchestrator.io/cpu": "200m" } },
            "spec": { "terminationGracePeriodSeconds": 1, "containers": [ { "name": "main", "image": "x", "resources": { "requests": { "cpu": "100m" } } } ] } } } }
        """;

    private static string Job(string mode, string name) => $$"""
        { "apiVersion": "batch/v1", "kind": "Job", "metadata": { "name": "{{name}}" }, "spec": { "completions": 8, "parallelism": 3, "backoffLimit": 100, "completionMode": "{{mode}}",
          "template": { "metadata": { "labels": { "app": "{{name}}" } }, "spec": { "restartPolicy": "Never", "containers": [ { "name": "main", "image": "x", "command": [ "sh", "-c", "sleep 0.3" ] } ] } } } }
        """;
}
