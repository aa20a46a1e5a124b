using System.Text.Json.Nodes;
using Orchestrator.Tests.Kit;
using static Orchestrator.Tests.Docker.PodCalls;

namespace Orchestrator.Tests.Docker;

/// <summary>The engine is not there, goes, comes back, or hangs; the node says so and goes on by itself.</summary>
public sealed class EngineUnavailableSpec
{
    private static readonly TimeSpan Noticed = TimeSpan.FromSeconds(20);
    private static readonly TimeSpan Bound = TimeSpan.FromSeconds(60);

    [OwnEngineFact]
    public async Task A_host_starts_without_its_engine_and_takes_living_containers_over_when_one_comes_back()
    {
        await using var engine = new DockerEngine(livesOn: true);
        await using var node = await NodeProcess.StartAsync(Settings(engine));
        await ReadyIsAsync(node, "False", engine.Socket);

        await engine.StartAsync(SampleImage.First);
        await ReadyIsAsync(node, "True", "");
        await CreateAsync(node, "stays", "Always");
        await PodIsAsync(node, "stays", p => (string?)p["status"]?["phase"] == "Running");
        var before = await engine.ContainersAsync();
        Assert.Single(before);

        await engine.StopAsync();
        await ReadyIsAsync(node, "False", engine.Socket);
        Assert.Equal("Running", (string?)(await PodAsync(node, "stays"))["status"]!["phase"]);
        await EventIsAsync(node, "NodeNotReady");

        await engine.StartAsync();
        await ReadyIsAsync(node, "True", "");
        await EventIsAsync(node, "NodeReady");
        await CreateAsync(node, "later", "Always");
        await PodIsAsync(node, "later", p => (string?)p["status"]?["phase"] == "Running");
        Assert.Equal(0, Restarts(await PodAsync(node, "stays")));
        Assert.Subset((await engine.ContainersAsync()).ToHashSet(), before.ToHashSet());
    }

    [OwnEngineFact]
    public async Task What_died_with_the_engine_is_restarted_as_its_policy_says()
    {
        await using var engine = new DockerEngine(livesOn: false);
        await engine.StartAsync(SampleImage.First);
        await using var node = await NodeProcess.StartAsync(Settings(engine));
        foreach (var policy in (string[])["Always", "OnFailure", "Never"])
        {
            await CreateAsync(node, policy.ToLowerInvariant(), policy);
        }

        await CreateAsync(node, "prepared", "Always", $$""" "initContainers": [ {{Runs("true", "prepare")}} } ], """);
        foreach (var pod in (string[])["always", "onfailure", "never", "prepared"])
        {
            await PodIsAsync(node, pod, p => (string?)p["status"]?["phase"] == "Running");
        }

        await engine.StopAsync();
        await ReadyIsAsync(node, "False", engine.Socket);
        await engine.StartAsync();
        await ReadyIsAsync(node, "True", "");
        await PodIsAsync(node, "never", p => (string?)p["status"]?["phase"] == "Failed" && Restarts(p) == 0);
        foreach (var pod in (string[])["always", "onfailure"])
        {
            await PodIsAsync(node, pod, p => Restarts(p) == 1 && p["status"]!["containerStatuses"]![0]!["state"]!["running"] is not null);
        }

        // In the new sandbox everything is made anew.
        var prepared = await PodIsAsync(node, "prepared", p => Restarts(p) == 1 && p["status"]!["containerStatuses"]![0]!["state"]!["running"] is not null);
        Assert.Equal(1, (int)prepared["status"]!["initContainerStatuses"]![0]!["restartCount"]!);
    }

    [OwnEngineFact]
    public async Task An_engine_that_is_away_turns_its_pods_not_ready_once_and_ready_once()
    {
        await using var engine = new DockerEngine(livesOn: true);
        await engine.StartAsync(SampleImage.First);
        await using var node = await NodeProcess.StartAsync(Settings(engine));
        string[] pods = ["one", "two", "three"];
        foreach (var pod in pods)
        {
            await CreateAsync(node, pod, "Always");
        }

        foreach (var pod in pods)
        {
            await PodIsAsync(node, pod, IsReady);
        }

        var before = await RevisionAsync(node);
        await engine.StopAsync();
        await ReadyIsAsync(node, "False", engine.Socket);
        foreach (var pod in pods)
        {
            await PodIsAsync(node, pod, p => !IsReady(p));
        }

        await engine.StartAsync();
        await ReadyIsAsync(node, "True", "");
        foreach (var pod in pods)
        {
            await PodIsAsync(node, pod, IsReady);
            var turns = (await node.AskAsync(HttpMethod.Get, $"/apis/history.orchestrator.io/v1/core/pods/default/{pod}"))["items"]!.AsArray()
                .Where(e => (long)e!["revision"]! > before)
                .SelectMany(e => e!["change"]?["status"]?["conditions"]?.AsArray() ?? [])
                .Where(c => (string?)c!["type"] == "Ready").Select(c => (string)c!["status"]!).ToList();
            Assert.Equal(["False", "True"], turns.Where((t, i) => i == 0 || turns[i - 1] != t));
        }

        // A change of each pod and of the node both ways, and what Events come with them; not thousands.
        Assert.InRange(await RevisionAsync(node) - before, 1, 60);

        static bool IsReady(JsonNode pod) => (pod["status"]?["conditions"]?.AsArray() ?? []).Any(c => (string?)c!["type"] == "Ready" && (string?)c["status"] == "True");
    }

    [OwnEngineFact]
    public async Task An_engine_that_hangs_makes_its_node_not_ready_until_it_answers()
    {
        await using var engine = new DockerEngine(livesOn: false);
        await engine.StartAsync(SampleImage.First);
        await using var node = await NodeProcess.StartAsync(Settings(engine));
        await CreateAsync(node, "early", "Always");
        await PodIsAsync(node, "early", p => (string?)p["status"]?["phase"] == "Running");
        var before = await engine.ContainersAsync();
        Assert.Single(before);

        await engine.PauseAsync();
        await ReadyIsAsync(node, "False", "no answer in");
        await engine.ResumeAsync();
        await ReadyIsAsync(node, "True", "");
        await CreateAsync(node, "later", "Always");
        await PodIsAsync(node, "later", p => (string?)p["status"]?["phase"] == "Running");
        Assert.Subset((await engine.ContainersAsync()).ToHashSet(), before.ToHashSet());
        Assert.Equal(0, Restarts(await PodAsync(node, "early")));
    }

    [Fact]
    public async Task A_slow_engine_is_waited_for_and_one_that_is_too_slow_makes_its_node_not_ready_until_it_is_faster()
    {
        await SampleImage.ImportAsync(SampleImage.First);
        await using var engine = new SlowSocket("/var/run/docker.sock");
        await using var node = await NodeProcess.StartAsync(new NodeSettings("docker", 0, ["--docker-host", $"unix://{engine.Path}"]));
        await ReadyIsAsync(node, "True", "");
        engine.Delay = TimeSpan.FromMilliseconds(300);
        await CreateAsync(node, "early", "Always");
        await PodIsAsync(node, "early", p => (string?)p["status"]?["phase"] == "Running");
        var before = await Containers.ListAsync(node.Name);

        engine.Delay = TimeSpan.FromMinutes(1);
        await ReadyIsAsync(node, "False", "no answer in");
        engine.Delay = TimeSpan.Zero;
        await ReadyIsAsync(node, "True", "");
        await CreateAsync(node, "later", "Always");
        await PodIsAsync(node, "later", p => (string?)p["status"]?["phase"] == "Running");
        Assert.Subset((await Containers.ListAsync(node.Name)).ToHashSet(), before.ToHashSet());
        Assert.Equal(0, Restarts(await PodAsync(node, "early")));
    }

    private static async Task<long> RevisionAsync(NodeProcess node) =>
        long.Parse((string)(await node.AskAsync(HttpMethod.Get, "/api/v1/namespaces/default/configmaps"))["metadata"]!["resourceVersion"]!, System.Globalization.CultureInfo.InvariantCulture);

    private static NodeSettings Settings(DockerEngine engine) => new("docker", 0, ["--docker-host", engine.Host]);

    private static Task CreateAsync(NodeProcess node, string name, string policy, string more = "") =>
        PodCalls.CreateAsync(node, name, policy, $$"""
            {{more}} "hostNetwork": true, "containers": [ {{Runs("sleep 3600")}} } ]
            """);

    private static int Restarts(JsonNode pod) => (int?)pod["status"]?["containerStatuses"]?[0]?["restartCount"] ?? 0;

    /// <summary>Waits for the node's Ready condition with a reason in its message.</summary>
    // An Event of the node itself.
    private static Task EventIsAsync(NodeProcess node, string reason) => Poll.UntilAsync(async () =>
        (await node.AskAsync(HttpMethod.Get, $"/api/v1/events?fieldSelector=reason={reason},involvedObject.kind=Node"))["items"]!.AsArray().Count > 0, Bound, () => $"there is an Event {reason}");

    private static async Task ReadyIsAsync(NodeProcess node, string status, string message)
    {
        JsonNode? last = null;
        await Poll.UntilAsync(async () =>
        {
            last = (await node.AskAsync(HttpMethod.Get, "/api/v1/nodes"))["items"]!.AsArray().SelectMany(n => n!["status"]?["conditions"]?.AsArray() ?? [])
                .FirstOrDefault(c => (string?)c!["type"] == "Ready");
            return (string?)last?["status"] == status && ((string?)last?["message"])?.Contains(message, StringComparison.Ordinal) == true
                && (status == "True" || (string?)last?["reason"] == "ContainerRuntimeDown");
        }, Noticed, () => $"Ready={status} for \"{message}\": {last?.ToJsonString()}; the node said: {node.Output}");
    }
}
