using Orchestrator.Actors.Kinds.Pods;
using Orchestrator.Actors.ResourceMetrics;
using Orchestrator.Actors.Workloads;
using k8s.Models;

namespace Orchestrator.Actors.Kinds.HorizontalPodAutoscalers;

/// <summary>A pod that the selector of a target matches.</summary>
/// <param name="Outline">Its state.</param>
/// <param name="Spec">Its spec. Do not modify it: pods with equal specs share it.</param>
/// <param name="Usage">What it uses; null if it has no metrics.</param>
internal sealed record AutoscaledPod(PodOutline Outline, V1PodSpec Spec, PodUsage? Usage)
{
    private const long NanosPerMilli = 1_000_000;

    /// <summary>Name of the pod.</summary>
    public string Name => Outline.Object.Name;

    /// <summary>What the pod, or one of its containers, uses of a resource.</summary>
    /// <param name="resource"><c>cpu</c> or <c>memory</c>; other resources are not measured.</param>
    /// <param name="container">Name of a container; empty for the whole pod.</param>
    /// <returns>Null if it is not known.</returns>
    public ResourceSample? Sample(string resource, string container)
    {
        if (Usage is null || resource is not ("cpu" or "memory"))
        {
            return null;
        }

        var (sum, first) = (0L, default(ResourceUsage));
        foreach (var each in Usage.Containers)
        {
            if (container.Length == 0 || each.Name == container)
            {
                sum += resource == "cpu" ? (each.Usage.CpuNanocores + NanosPerMilli - 1) / NanosPerMilli : each.Usage.MemoryBytes * 1000;
                first = first is null || each.Usage.At < first.At ? each.Usage : first;
            }
        }

        return first is null ? null : new ResourceSample(sum, first.At, first.Window);
    }

    /// <summary>What the pod, or one of its containers, requests of a resource, in thousandths.</summary>
    /// <returns>The request, or an error if something of it is missing, worded as in Kubernetes.</returns>
    public (long Milli, string? Error) Request(string resource, string container)
    {
        if (container.Length == 0 && Spec.Resources?.Requests is { Count: > 0 } ofPod)
        {
            return ofPod.TryGetValue(resource, out var request) ? (Milli(request), null) : (0, $"missing pod-level request for {resource} in Pod {Name}");
        }

        var sum = 0L;
        foreach (var each in Spec.Containers.Concat(Spec.Sidecars()).Where(c => container.Length == 0 || c.Name == container))
        {
            if (each.Resources?.Requests is not { } requests || !requests.TryGetValue(resource, out var request))
            {
                return (0, $"missing request for {resource} in container {each.Name} of Pod {Name}");
            }

            sum += Milli(request);
            if (container.Length > 0)
            {
                return (sum, null);
            }
        }

        return container.Length > 0 ? (0, $"container {container} not found in Pod {Name}") : (sum, null);
    }

    /// <summary>An amount in thousandths, rounded up.</summary>
    public static long Milli(ResourceQuantity quantity) => (long)Math.Clamp(Math.Ceiling(quantity.ToDecimal() * 1000), long.MinValue, long.MaxValue);
}

/// <summary>A value of a pod.</summary>
/// <param name="Milli">The value in thousandths.</param>
/// <param name="At">When it was measured.</param>
/// <param name="Window">Time over which it is an average.</param>
internal readonly record struct ResourceSample(long Milli, DateTimeOffset At, TimeSpan Window);
