namespace Orchestrator.Tests.Simulation;

/// <summary>Each controller is killed after events that are stored while it works, alone and with its host: the end is that of the undisturbed run. The command
/// <c>simulation --kills</c> of the benchmarks kills it after every one.</summary>
public sealed class ControllerKillSpec
{
    private const int Events = 16;

    /// <summary>The scenarios.</summary>
    public static TheoryData<string> Names => [.. Scenario.Scripts.Keys];

    [Theory]
    [MemberData(nameof(Names))]
    public void A_controller_may_be_killed_after_any_event(string name)
    {
        var (wrong, kills) = Scenario.Sweep(name, Events);
        Assert.True(wrong is null, wrong);
        Assert.InRange(kills, 20, 2 * Events);
    }

    // A sweep that could find nothing would be worth nothing.
    [Fact]
    public void Another_end_is_told_apart() => Assert.NotEqual(Scenario.Play("replicasets").End, Scenario.Play("replicationcontrollers").End);
}
