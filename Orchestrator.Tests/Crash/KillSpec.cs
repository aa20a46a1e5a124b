using System.Globalization;
using System.Text.Json.Nodes;
using Orchestrator.Tests.Kit;
using Xunit.Abstractions;

namespace Orchestrator.Tests.Crash;

/// <summary>
/// Kills the process in the middle of rolling updates, at moments drawn from a seed. ORCHESTRATOR_KILLS says how often
/// (3 unless told), ORCHESTRATOR_SEED which moments.
/// </summary>
public class KillSpec(ITestOutputHelper log)
{
    private const string Space = "crash";
    private const int Pods = 20;
    private static readonly TimeSpan RolloutBound = TimeSpan.FromSeconds(150);
    private static readonly int Kills = Number("ORCHESTRATOR_KILLS", 3);

    [Fact]
    public async Task With_simulated_pods_nothing_acknowledged_is_lost_and_every_rollout_ends()
    {
        // Slow enough that an update is still under way when the kill comes.
        var config = Path.GetTempFileName();
        await File.WriteAllTextAsync(config, "orchestrator.simulation { start-delay = 300ms, stop-delay = 300ms }");
        await using var node = await NodeProcess.StartAsync(new NodeSettings("simulated", 3, ["--config", config]));
        await KillAsync(node, node);
        File.Delete(config);
    }

    [Fact]
    public async Task With_real_containers_none_that_should_live_is_restarted()
    {
        await SampleImage.ImportAsync(SampleImage.First, SampleImage.Second);
        await using var node = await NodeProcess.StartAsync(new NodeSettings("docker", 0));
        await KillAsync(node, node);
    }

    [Fact]
    public async Task With_a_worker_of_its_own_either_process_may_be_killed_or_both()
    {
        await SampleImage.ImportAsync(SampleImage.First, SampleImage.Second);
        var address = FreePort.Address().ToString();
        await using var control = await NodeProcess.StartAsync(new NodeSettings(Options: ["--roles", "control", "--cluster-address", address]));
        await using var worker = await NodeProcess.StartAsync(new NodeSettings("docker", 0, Seed: control));
        await KillAsync(control, worker);
    }

    /// <param name="node">Has the API.</param>
    /// <param name="worker">Runs the pods; the same one, or another process.</param>
    private async Task KillAsync(NodeProcess node, NodeProcess worker)
    {
        var seed = Number("ORCHESTRATOR_SEED", 20261123);
        log.WriteLine($"ORCHESTRATOR_SEED={seed} ORCHESTRATOR_KILLS={Kills}");
        var random = new Random(seed);
        await node.CreateNamespaceAsync(Space);
        await node.AskAsync(HttpMethod.Post, $"/apis/apps/v1/namespaces/{Space}/deployments", Manifest());
        await RolledOutAsync(node);

        var writer = new AcknowledgedWriter(node, Space, seed);
        for (var kill = 1; kill <= Kills; kill++)
        {
            var wait = TimeSpan.FromMilliseconds(random.Next(20, 2500));
            NodeProcess[] victims = node == worker ? [node] : (kill % 3) switch { 1 => [node], 2 => [worker], _ => [node, worker] };
            log.WriteLine($"Kill {kill} of {string.Join(" and ", victims.Select(v => v.Name))}: {wait.TotalMilliseconds:0} ms into the update, after {writer.Count} acknowledged writes.");
            using var stop = new CancellationTokenSource();
            var writing = writer.RunAsync(stop.Token);
            await node.AskAsync(HttpMethod.Patch, $"/apis/apps/v1/namespaces/{Space}/deployments/web",
                $$$$"""{"spec":{"template":{"metadata":{"annotations":{"round":"{{{{kill}}}}"} } } } }""", "application/merge-patch+json");
            await Task.Delay(wait);
            await Task.WhenAll(victims.Select(v => v.KillAsync()));
            var left = await RunningAsync(worker);
            await stop.CancelAsync();
            await writing;

            foreach (var victim in victims)
            {
                await victim.RestartAsync();
            }

            await writer.VerifyAsync();
            await RolledOutAsync(node);
            await KeptAsync(node, worker, left);
        }

        Assert.True(writer.Count >= Kills, "There was time for some writes.");
        await node.AskAsync(HttpMethod.Delete, $"/api/v1/namespaces/{Space}");
        await Poll.UntilAsync(
            async () => (await node.AskAsync(HttpMethod.Get, "/api/v1/pods"))["items"]!.AsArray().Count == 0
                && (worker.Settings.Runtime != "docker" || (await Containers.ListAsync(worker.Name)).Count == 0),
            RolloutBound, () => $"no pod and no container is left; the worker said: {worker.Output}");
    }

    /// <summary>The containers that ran while no node did: those of pods that still exist must be the same ones later.</summary>
    private static async Task<Dictionary<string, string>> RunningAsync(NodeProcess node) => node.Settings.Runtime != "docker" ? [] :
        (await Containers.ListAsync(node.Name)).Where(c => c.State == "running").ToDictionary(c => c.Id, c => c.Started);

    private static async Task KeptAsync(NodeProcess node, NodeProcess worker, Dictionary<string, string> before)
    {
        var pods = (await PodsAsync(node)).ToList();
        Assert.All(pods, pod => Assert.Equal(0, (int)pod["status"]!["containerStatuses"]![0]!["restartCount"]!));
        if (worker.Settings.Runtime != "docker")
        {
            return;
        }

        var now = (await Containers.ListAsync(worker.Name)).ToDictionary(c => c.Id);
        var alive = pods.Select(p => (string)p["metadata"]!["uid"]!).ToHashSet();
        foreach (var (id, started) in before.Where(b => now.ContainsKey(b.Key) && alive.Contains(now[b.Key].Pod)))
        {
            Assert.Equal((started, "running"), (now[id].Started, now[id].State));
        }

        // Nobody runs twice: of each pod, one sandbox and one container.
        Assert.All(now.Values.Where(c => alive.Contains(c.Pod)).GroupBy(c => c.Pod), g => Assert.Equal(2, g.Count()));
    }

    private static async Task RolledOutAsync(NodeProcess node)
    {
        JsonNode? last = null;
        await Poll.UntilAsync(async () =>
        {
            last = await node.AskAsync(HttpMethod.Get, $"/apis/apps/v1/namespaces/{Space}/deployments/web");
            int Count(string name) => (int?)last["status"]?[name] ?? 0;
            return (long?)last["metadata"]!["generation"] == (long?)last["status"]?["observedGeneration"]
                && (Count("replicas"), Count("updatedReplicas"), Count("readyReplicas"), Count("availableReplicas")) == (Pods, Pods, Pods, Pods)
                && (await PodsAsync(node)).Count() == Pods;
        }, RolloutBound, () => $"the rollout is complete: {last?["status"]?.ToJsonString()}; the node said: {node.Output}");
    }

    private static async Task<IEnumerable<JsonNode>> PodsAsync(NodeProcess node) =>
        (await node.AskAsync(HttpMethod.Get, $"/api/v1/namespaces/{Space}/pods"))["items"]!.AsArray().Select(p => p!);

    private static string Manifest() => $$$"""
        {"apiVersion":"apps/v1","kind":"Deployment","metadata":{"name":"web"},
         "spec":{"replicas":{{{Pods}}},"selector":{"matchLabels":{"app":"web"} },
          "template":{"metadata":{"labels":{"app":"web"} },
           "spec":{"terminationGracePeriodSeconds":1,"containers":[{"name":"main","image":"{{{SampleImage.First}}}","imagePullPolicy":"IfNotPresent"}]} } } }
        """;

    private static int Number(string variable, int otherwise) =>
        int.TryParse(Environment.GetEnvironmentVariable(variable), CultureInfo.InvariantCulture, out var number) ? number : otherwise;
}
