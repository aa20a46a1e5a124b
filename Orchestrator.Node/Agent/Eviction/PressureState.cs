using System.Collections.Immutable;

namespace Orchestrator.Node.Agent.Eviction;

/// <summary>What an agent remembers of the signals of its node. Pure.</summary>
/// <param name="MetSince">Thresholds that are met, with the time of the first sample in a row that met them.</param>
/// <param name="LastMet">When a sample met a threshold of a condition last.</param>
internal sealed record PressureState(ImmutableDictionary<EvictionThreshold, DateTimeOffset> MetSince, ImmutableDictionary<NodePressure, DateTimeOffset> LastMet)
{
    /// <summary>Of a node that was not looked at yet.</summary>
    public static readonly PressureState Initial = new(ImmutableDictionary<EvictionThreshold, DateTimeOffset>.Empty, ImmutableDictionary<NodePressure, DateTimeOffset>.Empty);

    /// <summary>The conditions that hold.</summary>
    public ImmutableHashSet<NodePressure> Pressures => [.. LastMet.Keys];

    /// <summary>Takes a sample into account.</summary>
    public PressureState After(NodeSample sample, EvictionSettings settings)
    {
        var met = settings.Thresholds.Where(t => IsMet(t, sample)).ToImmutableDictionary(t => t, t => MetSince.GetValueOrDefault(t, sample.At));
        var pressures = met.Keys.Select(t => t.Signal.Pressure()).ToHashSet();

        // A condition that came and went with each sample would move pods to and fro.
        return new PressureState(met, LastMet.Where(l => !pressures.Contains(l.Key) && sample.At - l.Value < settings.TransitionPeriod)
            .Concat(pressures.Select(p => KeyValuePair.Create(p, sample.At))).ToImmutableDictionary());
    }

    /// <summary>The thresholds to act on at a time: those that are met for as long as they may be. Memory comes first, and hard ones before soft ones.</summary>
    public ImmutableArray<EvictionThreshold> Due(DateTimeOffset now) =>
        [.. MetSince.Where(m => now - m.Value >= (m.Key.Grace ?? TimeSpan.Zero)).Select(m => m.Key).OrderBy(t => t.Signal).ThenByDescending(t => t.IsHard).ThenBy(t => t.Value.Number)];

    // A threshold that was met stays so until there is more than it by what is to be reclaimed.
    private bool IsMet(EvictionThreshold threshold, NodeSample sample) => sample.Readings.TryGetValue(threshold.Signal, out var reading)
        && reading.Available < threshold.Value.Of(reading.Capacity) + (MetSince.ContainsKey(threshold) ? threshold.MinimumReclaim.Of(reading.Capacity) : 0);
}
