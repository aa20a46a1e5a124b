using System.Collections.Immutable;

namespace Orchestrator.Node.Agent.Eviction;

/// <summary>How much of something there is, and how much of it is free: bytes, inodes or process ids.</summary>
internal readonly record struct SignalReading(long Available, long Capacity);

/// <summary>What of a node was free at a time.</summary>
/// <param name="At">When it was read.</param>
/// <param name="Readings">By signal; one that could not be read is missing.</param>
/// <param name="HasOwnImagefs">Whether images and what containers write are on another file system than the volumes of pods.</param>
internal sealed record NodeSample(DateTimeOffset At, ImmutableDictionary<EvictionSignal, SignalReading> Readings, bool HasOwnImagefs = false);

/// <summary>Reads what of a node is free.</summary>
internal interface INodeSampler
{
    /// <summary>Reads all signals. Cheap: no tree is walked and nothing is asked for that takes long.</summary>
    Task<NodeSample> SampleAsync(CancellationToken cancellation);
}
