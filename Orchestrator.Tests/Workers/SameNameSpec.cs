using Orchestrator.Tests.Kit;

namespace Orchestrator.Tests.Workers;

/// <summary>Two hosts that go by one name.</summary>
public sealed class SameNameSpec
{
    private static readonly TimeSpan Bound = TimeSpan.FromSeconds(90);

    [Fact]
    public async Task A_second_worker_of_a_name_is_refused_with_the_reason_while_the_first_lives()
    {
        await using var control = await NodeProcess.StartAsync(new NodeSettings(Options: ["--roles", "control"]));
        await using var first = await NodeProcess.StartAsync(new NodeSettings(SimulatedNodes: 0, Seed: control));
        var node = (await control.AskAsync(HttpMethod.Get, $"/api/v1/nodes/{first.Name}"));
        Assert.Contains("True", node["status"]!["conditions"]!.AsArray().Where(c => (string?)c!["type"] == "Ready").Select(c => (string)c!["status"]!));

        using var folder = new TempFolder();
        var program = Path.Combine(AppContext.BaseDirectory, "orchestrator-node");
        var second = await Command.RunAsync(program, ["--data-dir", folder.File("second"), "--runtime", "simulated", "--simulated-nodes", "0", "--node-name", first.Name,
            "--roles", "worker", "--seed-nodes", control.ClusterAddress, "--join", control.Join("worker")], Bound);
        second.EndedWith(1);
        Assert.Contains($"node {first.Name}: node name {first.Name} is another host's (machine id {(string?)node["status"]!["nodeInfo"]!["machineID"]}), which is up", second.Output, StringComparison.Ordinal);

        var after = await control.AskAsync(HttpMethod.Get, $"/api/v1/nodes/{first.Name}");
        Assert.Equal((string?)node["status"]!["nodeInfo"]!["machineID"], (string?)after["status"]!["nodeInfo"]!["machineID"]);
    }
}
