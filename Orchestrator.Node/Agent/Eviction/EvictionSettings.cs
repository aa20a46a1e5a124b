using System.Collections.Immutable;
using Orchestrator.Actors.Api;

namespace Orchestrator.Node.Agent.Eviction;

/// <summary>An amount of a signal: a number of bytes, inodes or process ids, or a share of what there is.</summary>
/// <param name="Number">The number; 0 if it is a share.</param>
/// <param name="Percent">The share in percent; null if it is a number.</param>
internal readonly record struct EvictionAmount(long Number, double? Percent = null)
{
    /// <summary>Parses a quantity such as <c>100Mi</c> or a share such as <c>10%</c>; null if the text is neither, or negative.</summary>
    public static EvictionAmount? Parse(string text) =>
        text.EndsWith('%') ? PlainNumber.Read(text.AsSpan(0, text.Length - 1)) is { } percent and <= 100 ? new EvictionAmount(0, percent) : null
        : Quantity.Read(text) is { Nanos: var nanos } && nanos >= 0 ? new EvictionAmount((long)(nanos / 1_000_000_000)) : null;

    /// <summary>The amount of a whole.</summary>
    public long Of(long capacity) => Percent is { } percent ? (long)(capacity * percent / 100) : Number;
}

/// <summary>Less than this of a signal is too little.</summary>
/// <param name="Signal">The signal.</param>
/// <param name="Value">The amount.</param>
/// <param name="Grace">How long there may be too little before pods are evicted; null for a hard threshold, which is acted on at once.</param>
/// <param name="MinimumReclaim">How much more than the threshold there has to be until it is no longer met.</param>
internal sealed record EvictionThreshold(EvictionSignal Signal, EvictionAmount Value, TimeSpan? Grace = null, EvictionAmount MinimumReclaim = default)
{
    /// <summary>Whether pods get no time of their own to end.</summary>
    public bool IsHard => Grace is null;
}

/// <summary>When pods are evicted from a node whose resources run short (Kubernetes, "Node-pressure Eviction"; the kubelet's evictionHard, evictionSoft, evictionSoftGracePeriod, evictionMinimumReclaim,
/// evictionMaxPodGracePeriod and evictionPressureTransitionPeriod).</summary>
/// <param name="Thresholds">The thresholds.</param>
/// <param name="MaxPodGrace">The most that a pod gets to end when a soft threshold is met.</param>
/// <param name="TransitionPeriod">How long a condition stays after its last cause.</param>
internal sealed record EvictionSettings(ImmutableArray<EvictionThreshold> Thresholds, TimeSpan MaxPodGrace, TimeSpan TransitionPeriod);
