using Orchestrator.Actors.Api;
using Orchestrator.Actors.Kinds.Pods;
using Orchestrator.Node.Agent.Eviction;
using k8s.Models;

namespace Orchestrator.Node.Agent.StorageLimits;

/// <summary>Whether a pod takes more of its node's disk than it may. Pure.</summary>
/// <remarks>Rules and messages: Kubernetes, "Local ephemeral storage", and "Volumes", emptyDir.</remarks>
internal static class StorageLimit
{
    private const string Resource = "ephemeral-storage";

    /// <summary>Whether a pod has any limit that its files can exceed. A volume in memory cannot: the kernel bounds it.</summary>
    public static bool IsLimited(V1PodSpec spec) => Sized(spec).Any() || spec.All().Any(c => LimitOf(c) is not null);

    /// <summary>Which limit a pod exceeds, in a sentence; null if none.</summary>
    /// <param name="spec">Its spec.</param>
    /// <param name="use">What it uses. What could not be counted to the end is at least so much.</param>
    public static string? Exceeded(V1PodSpec spec, PodUse use)
    {
        foreach (var (name, limit) in Sized(spec))
        {
            if (use.Volumes.GetValueOrDefault(name).Bytes > Bytes(limit))
            {
                return $"Usage of EmptyDir volume \"{name}\" exceeds the limit \"{limit}\".";
            }
        }

        if (PodResources.Of(spec).Limits.TryGetValue(Resource, out var all) && (use.Written + use.InVolumes).Bytes > Bytes(all))
        {
            return $"Pod ephemeral local storage usage exceeds the total limit of containers {all}.";
        }

        foreach (var container in spec.All())
        {
            if (LimitOf(container) is { } limit && use.Containers.Where(c => c.Name == container.Name).Sum(c => c.Layer.Bytes + c.Logs.Bytes) > Bytes(limit))
            {
                return $"Container {container.Name} exceeded its local ephemeral storage limit \"{limit}\".";
            }
        }

        return null;
    }

    private static IEnumerable<(string Volume, Quantity Limit)> Sized(V1PodSpec spec) => (spec.Volumes ?? [])
        .Where(v => v.EmptyDir is { Medium: not "Memory", SizeLimit: not null }).Select(v => (v.Name, Limit: Quantity.Read(v.EmptyDir.SizeLimit.ToString())))
        .Where(v => v.Limit is { Nanos: var nanos } && nanos > 0).Select(v => (v.Name, v.Limit!.Value));

    private static Quantity? LimitOf(V1Container container) =>
        container.Resources?.Limits?.TryGetValue(Resource, out var limit) == true ? Quantity.Read(limit.ToString()) : null;

    private static long Bytes(Quantity quantity) => (long)(quantity.Nanos / 1_000_000_000);
}
