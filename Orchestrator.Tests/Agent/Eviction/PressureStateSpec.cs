using System.Collections.Immutable;
using CsCheck;
using Orchestrator.Node.Agent.Eviction;

namespace Orchestrator.Tests.Agent.Eviction;

/// <summary>When thresholds are met, and how long conditions stay.</summary>
public sealed class PressureStateSpec
{
    private static readonly DateTimeOffset Start = new(2026, 1, 2, 3, 4, 5, TimeSpan.Zero);
    private static readonly EvictionThreshold Hard = new(EvictionSignal.MemoryAvailable, new EvictionAmount(100), MinimumReclaim: new EvictionAmount(50));
    private static readonly EvictionThreshold Soft = new(EvictionSignal.NodefsAvailable, new EvictionAmount(0, 10), TimeSpan.FromSeconds(60));
    private static readonly EvictionSettings Settings = new([Soft, Hard], TimeSpan.FromSeconds(5), TimeSpan.FromMinutes(5));

    [Theory]
    [InlineData(100, false)] // As much as the threshold is enough.
    [InlineData(99, true)]
    public void A_hard_threshold_is_acted_on_at_once(long available, bool isDue)
    {
        var state = PressureState.Initial.After(Sample(0, memory: available), Settings);
        Assert.Equal(isDue ? [Hard] : [], state.Due(Start).ToArray());
        Assert.Equal(isDue ? [NodePressure.Memory] : [], state.Pressures.ToArray());
    }

    [Fact]
    public void A_soft_threshold_sets_the_condition_at_once_and_is_acted_on_after_its_grace_period()
    {
        var state = PressureState.Initial.After(Sample(0, disk: 99), Settings);
        Assert.Equal([NodePressure.Disk], state.Pressures);
        Assert.Empty(state.After(Sample(59, disk: 99), Settings).Due(Start.AddSeconds(59)));
        Assert.Equal([Soft], state.After(Sample(60, disk: 99), Settings).Due(Start.AddSeconds(60)).ToArray());

        // It counts only in a row.
        var better = state.After(Sample(30, disk: 100), Settings).After(Sample(31, disk: 99), Settings);
        Assert.Empty(better.After(Sample(60, disk: 99), Settings).Due(Start.AddSeconds(60)));
    }

    [Theory]
    [InlineData(149, true)]
    [InlineData(150, false)]
    public void A_threshold_stays_met_until_more_than_it_is_got_back(long available, bool isMet) =>
        Assert.Equal(isMet, !PressureState.Initial.After(Sample(0, memory: 99), Settings).After(Sample(10, memory: available), Settings).MetSince.IsEmpty);

    [Theory]
    [InlineData(299, true)]
    [InlineData(300, false)]
    public void A_condition_stays_for_the_transition_period_after_its_last_cause(int seconds, bool isThere)
    {
        var state = PressureState.Initial.After(Sample(0, memory: 99), Settings).After(Sample(seconds, memory: 1000), Settings);
        Assert.Equal(isThere ? [NodePressure.Memory] : [], state.Pressures.ToArray());
        Assert.Empty(state.Due(Start.AddSeconds(seconds)));
    }

    [Fact]
    public void Memory_comes_before_disk() =>
        Assert.Equal([Hard, Soft], PressureState.Initial.After(Sample(0, memory: 1, disk: 1), Settings).After(Sample(100, memory: 1, disk: 1), Settings).Due(Start.AddSeconds(100)).ToArray());

    [Fact]
    public void What_could_not_be_read_is_not_short() =>
        Assert.Empty(PressureState.Initial.After(Sample(0, memory: 1), Settings).After(new NodeSample(Start.AddSeconds(1), ImmutableDictionary<EvictionSignal, SignalReading>.Empty), Settings).MetSince);

    [Fact]
    public void A_node_that_has_had_enough_for_the_transition_period_has_no_condition() => Gen.Select(Gen.Long[0, 300], Gen.Long[0, 300]).Array[0, 20].Sample(samples =>
    {
        var state = samples.Select((s, i) => Sample(i * 10, s.Item1, s.Item2)).Aggregate(PressureState.Initial, (before, s) => before.After(s, Settings));
        var after = state.After(Sample((samples.Length * 10) + 300, 1000, 1000), Settings);
        return after.Pressures.IsEmpty && after.MetSince.IsEmpty
            && state.MetSince.Keys.All(t => state.Pressures.Contains(t.Signal.Pressure()));
    });

    private static NodeSample Sample(int seconds, long memory = 1000, long disk = 1000) => new(Start.AddSeconds(seconds), ImmutableDictionary<EvictionSignal, SignalReading>.Empty
        .Add(EvictionSignal.MemoryAvailable, new SignalReading(memory, 1000)).Add(EvictionSignal.NodefsAvailable, new SignalReading(disk, 1000)));
}
