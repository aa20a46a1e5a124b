using System.Net;
using Orchestrator.Node.Network;
using Orchestrator.Tests.Kit;
using static Orchestrator.Tests.Docker.PodCalls;

namespace Orchestrator.Tests.Docker;

/// <summary>A real host is killed with SIGKILL in the middle of what it asks of the real engine, again and again in the life of one pod. Each container has been started once, and nothing is left.</summary>
public sealed class KilledAgentSpec
{
    private static readonly TimeSpan Bound = TimeSpan.FromSeconds(60);

    [Fact]
    public async Task A_host_that_dies_at_every_step_starts_nothing_twice_and_leaves_nothing()
    {
        await SampleImage.ImportAsync(SampleImage.First);
        using var shared = new TempFolder();
        await using var engine = new FaultySocket(Containers.Engine.AbsolutePath);
        await using var node = await NodeProcess.StartAsync(new NodeSettings("docker", 0, ["--docker-host", $"unix://{engine.Path}"]));
        const string mounts = "\"volumeMounts\": [ { \"name\": \"v\", \"mountPath\": \"/v\" }, { \"name\": \"e\", \"mountPath\": \"/e\" } ]";

        // Killed while the sandbox, then the first container is made, and once it has been started but nobody knows.
        var met = engine.Once("POST /containers/create?name=k8s_POD_", SocketFault.HoldAnswer);
        await CreateAsync(node, "hardy", "Always", $$"""
            "initContainers": [ {{Runs("echo init >> /v/started", "init")}}, {{mounts}} } ],
            "containers": [
              {{Runs("echo a >> /v/started; trap 'exit 0' TERM; while :; do sleep 0.1; done", "a")}}, {{mounts}}, "lifecycle": { "preStop": { "exec": { "command": [ "sh", "-c", "echo stopping >> /v/stopped" ] } } } },
              {{Runs("echo b >> /v/started; trap 'exit 0' TERM; while :; do sleep 0.1; done", "b")}}, {{mounts}} } ],
            "volumes": [ { "name": "v", "hostPath": { "path": "{{shared.Path}}" } }, { "name": "e", "emptyDir": { "medium": "Memory" } } ]
            """, grace: 10);
        await KillAsync(node, engine, met);
        foreach (var (start, fault) in Steps)
        {
            met = engine.Once(start, fault);
            await node.RestartAsync();
            await KillAsync(node, engine, met);
        }

        await node.RestartAsync();
        await PodIsAsync(node, "hardy", p => p["status"]?["containerStatuses"]?.AsArray() is { Count: 2 } all && all.All(c => (bool)c!["ready"]! && (int)c["restartCount"]! == 0));
        var address = Hex((string)(await PodAsync(node, "hardy"))["status"]!["podIP"]!);
        var before = Assert.Single(new NamespaceMaker(NetworkNames.Of(Node.Agent.Installation.Of(node.DataDir))).Present(), n => n.EndsWith(address, StringComparison.Ordinal));
        var identity = await IdentityAsync(before);
        Assert.Equal(["a", "b", "init"], (await File.ReadAllLinesAsync(shared.File("started"))).Order(StringComparer.Ordinal));

        // Killed before it has stopped anything, and when all but the sandbox has gone.
        met = engine.Once("POST /containers/", SocketFault.Hang);
        await node.AskAsync(HttpMethod.Delete, "/api/v1/namespaces/default/pods/hardy");
        await KillAsync(node, engine, met);
        met = engine.Once("DELETE /containers/", SocketFault.HoldAnswer);
        await node.RestartAsync();
        await KillAsync(node, engine, met);
        await node.RestartAsync();
        await Poll.UntilAsync(async () => (await node.Admin.GetAsync(new Uri("/api/v1/namespaces/default/pods/hardy", UriKind.Relative))).StatusCode == HttpStatusCode.NotFound,
            Bound, () => $"the pod is gone; the node said: {node.Output}");
        Assert.Empty(await Containers.ListAsync(node.Name));
        Assert.Empty(Directory.GetFileSystemEntries(Path.Combine(node.DataDir, "network")));

        // The address may have been given to a network that is made ahead, but that one is another.
        Assert.NotEqual(identity, await IdentityAsync(before));
        Assert.Empty(Directory.GetFileSystemEntries(Path.Combine(node.DataDir, "pods")));
        Assert.DoesNotContain(node.DataDir, await File.ReadAllTextAsync("/proc/mounts"), StringComparison.Ordinal);
        Assert.Contains("stopping", await File.ReadAllLinesAsync(shared.File("stopped")));
        Assert.Equal(3, (await File.ReadAllLinesAsync(shared.File("started"))).Length);
    }

    // With its time, since the kernel gives a number to another one. Empty if there is none.
    private static async Task<string> IdentityAsync(string name) => (await Command.RunAsync("stat", ["-Lc", "%i %z", NetworkNames.PathOf(name)], Bound)).Output.Trim();

    private static string Hex(string address) => Convert.ToHexStringLower(IPAddress.Parse(address).GetAddressBytes());

    // Made and started by the host before, or not at all.
    private static (string Start, SocketFault Fault)[] Steps =>
    [
        ("POST /containers/create?name=k8s_init_", SocketFault.HoldAnswer),
        ("POST /containers/create?name=k8s_a_", SocketFault.Hang),
        ("POST /containers/create?name=k8s_b_", SocketFault.HoldAnswer),
        ("POST /containers/k8s_b_", SocketFault.HoldAnswer),
    ];

    private static async Task KillAsync(NodeProcess node, FaultySocket engine, Task met)
    {
        await Task.WhenAny(met, Task.Delay(Bound));
        Assert.True(met.IsCompleted, $"it never asks: {string.Join('\n', engine.Requests.TakeLast(20))}\n{node.Output}");
        await node.KillAsync();
        engine.Fault = (_, _) => SocketFault.None;
    }
}
