namespace Orchestrator.Tests.Agent.Kills;

/// <summary>An agent is killed before and after each thing that it asks of the runtime and of the control plane in the life of a pod, and started again. The end is that of the undisturbed life:
/// the same status, each container started as often, and nothing left.</summary>
public sealed class AgentKillSpec
{
    /// <summary>The scenarios.</summary>
    public static TheoryData<string> Names => [.. AgentScenario.Scripts.Keys];

    [Theory, MemberData(nameof(Names))]
    public async Task An_agent_may_be_killed_at_any_step(string name)
    {
        var (end, asked) = await AgentScenario.PlayAsync(name, new KillPoint());
        Assert.Contains("start a 0", end, StringComparison.Ordinal);
        Assert.DoesNotContain("does not end", end, StringComparison.Ordinal);
        Assert.InRange(asked.Count, 25, 100);
        await Parallel.ForEachAsync(Enumerable.Range(0, asked.Count).SelectMany(at => (bool[])[false, true], (at, isAfter) => (at, isAfter)), async (kill, _) =>
        {
            var (other, what) = await AgentScenario.PlayAsync(name, new KillPoint(kill.at, kill.isAfter));
            Assert.True(end == other, $"{name}, killed {(kill.isAfter ? "after" : "before")} {kill.at} of {asked.Count}, {what.ElementAtOrDefault(kill.at)}:\n{other}\ninstead of\n{end}");
        });
    }
}
