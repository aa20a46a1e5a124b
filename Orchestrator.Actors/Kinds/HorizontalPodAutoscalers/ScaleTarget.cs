using Orchestrator.Actors.Api;
using Orchestrator.Actors.CustomMetrics;
using Orchestrator.Actors.Workloads;

namespace Orchestrator.Actors.Kinds.HorizontalPodAutoscalers;

/// <summary>What an autoscaler scales, as far as it is found.</summary>
/// <param name="Namespace">Namespace of the autoscaler.</param>
/// <param name="Object">The object; null if it was not found.</param>
/// <param name="Scale">Its scale.</param>
/// <param name="Pods">The pods that its selector matches.</param>
/// <param name="Error">Why there is no scale, worded as in Kubernetes; null if there is one.</param>
internal sealed record ScaleTarget(string Namespace, KubeObject? Object, Scale Scale, IReadOnlyList<AutoscaledPod> Pods, string? Error)
{
    /// <summary>The values that clients push.</summary>
    public IPushedMetrics Pushed { get; init; } = IPushedMetrics.None;

    /// <summary>Resource of an object of this group and kind; null if it is not served.</summary>
    public Func<string, string, string?> ResourceOf { get; init; } = (_, _) => null;

    /// <summary>Why the selector of the scale cannot be used; null if it can.</summary>
    public SelectorFailure? Selector { get; init; }

    /// <summary>A target that was not found.</summary>
    public static ScaleTarget Missing(string ns, string error) => new(ns, null, new Scale(0, 0, ""), [], error);
}

/// <summary>Why a selector cannot be used.</summary>
/// <param name="EventReason">Reason of the event.</param>
/// <param name="Reason">Reason of the condition.</param>
/// <param name="Error">Message of the event.</param>
/// <param name="Message">Message of the condition.</param>
internal sealed record SelectorFailure(string EventReason, string Reason, string Error, string Message);
