using System.Globalization;
using Orchestrator.Tests.Kit;
using Orchestrator.Tests.WithKubectl;
using static Orchestrator.Tests.Docker.PodCalls;

namespace Orchestrator.Tests.Docker;

/// <summary>What real containers use, as kubectl shows it.</summary>
public sealed class UsageSpec
{
    [Fact]
    public async Task A_busy_container_is_told_from_an_idle_one()
    {
        await SampleImage.ImportAsync(SampleImage.First);
        using var folder = new TempFolder();
        await File.WriteAllTextAsync(folder.File("usage.conf"), "orchestrator.metric-resolution = 1s\n");
        await using var node = await NodeProcess.StartAsync(new NodeSettings("docker", 0, ["--config", folder.File("usage.conf")]));
        await CreateAsync(node, "pod", "Always", $$"""
            "containers": [ {{Runs("while :; do :; done", "busy")}} }, {{Runs("sleep 3600", "idle")}} } ]
            """);
        var kubectl = node.Kubectl(Kubectl.Newest, "default");
        var top = Columns.Rows(await kubectl.WaitForAsync("top pod pod --containers", t => Columns.Rows(t) is [[_, "busy", var cpu, _], _] && Milli(cpu) >= 100)).ToDictionary(r => r[1]);
        Assert.InRange(Milli(top["busy"][2]), 100, 1100);
        Assert.InRange(Milli(top["idle"][2]), 0, 50);
        Assert.All(top.Values, r => Assert.EndsWith("Mi", r[3], StringComparison.Ordinal));
        var host = Assert.Single(Columns.Rows(await kubectl.SucceedAsync("top node")));
        Assert.True(Milli(host[1]) >= 100, string.Join(' ', host));
    }

    private static int Milli(string cpu) => int.Parse(cpu.TrimEnd('m'), CultureInfo.InvariantCulture);
}
