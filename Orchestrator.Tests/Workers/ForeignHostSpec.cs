using Orchestrator.Tests.Kit;

namespace Orchestrator.Tests.Workers;

/// <summary>Hosts that are not of the cluster.</summary>
public sealed class ForeignHostSpec
{
    // A host gives up joining after 60 s and stops within 20 s; on a busy machine its start takes some seconds more.
    private static readonly TimeSpan Bound = TimeSpan.FromSeconds(120);

    [Fact]
    public async Task A_host_of_another_cluster_is_refused_and_both_say_why()
    {
        await using var control = await NodeProcess.StartAsync(new NodeSettings(Options: ["--roles", "control"]));
        await using var elsewhere = await NodeProcess.StartAsync(new NodeSettings(Options: ["--roles", "control"]));
        using var data = new TempFolder();
        var stranger = await Command.RunAsync(Path.Combine(AppContext.BaseDirectory, "orchestrator-node"),
        [
            "--data-dir", data.Path, "--runtime", "simulated", "--roles", "worker", "--node-name", "stranger",
            "--seed-nodes", control.ClusterAddress, "--join", elsewhere.Join("worker"),
        ], Bound);

        var said = stranger.EndedWith(1).Output;
        Assert.True(said.Contains($"msg=\"Could not start while the host is joining the cluster at {control.ClusterAddress}\" error=\"the certificate of", StringComparison.Ordinal), said);
        await Poll.UntilAsync(() => Task.FromResult(control.Output.Contains("CN=stranger) is not signed by the CA of this cluster", StringComparison.Ordinal)),
            Bound, () => $"the control host says whom it refused; it said {control.Output}");
        Assert.DoesNotContain("stranger", (await control.AskAsync(HttpMethod.Get, "/api/v1/nodes")).ToJsonString(), StringComparison.Ordinal);
    }
}
