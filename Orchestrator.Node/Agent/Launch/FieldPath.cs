using Orchestrator.Actors.Kinds.Pods;
using k8s.Models;

namespace Orchestrator.Node.Agent.Launch;

/// <summary>Fields of the pod that are available to its containers (Kubernetes, "Downward API").</summary>
internal static class FieldPath
{
    /// <summary>The value of a field as text.</summary>
    /// <exception cref="LaunchException">The path is not supported.</exception>
    public static string Read(PodManifest pod, string path, LaunchFacts facts) => path switch
    {
        "metadata.name" => pod.Metadata.Name,
        "metadata.namespace" => pod.Metadata.NamespaceProperty,
        "metadata.uid" => pod.Metadata.Uid,
        "metadata.labels" => Lines(pod.Metadata.Labels),
        "metadata.annotations" => Lines(pod.Metadata.Annotations),
        "spec.nodeName" => facts.Node,
        "spec.serviceAccountName" => pod.Spec.ServiceAccountName ?? "default",
        "status.hostIP" => facts.HostIp,
        "status.hostIPs" => Both(facts.HostIp, facts.SecondHostIp),
        "status.podIP" => facts.PodIp ?? "",
        "status.podIPs" => Both(facts.PodIp, facts.SecondPodIp),
        _ when Key(path, "metadata.labels") is { } label => Value(pod.Metadata.Labels, label),
        _ when Key(path, "metadata.annotations") is { } annotation => Value(pod.Metadata.Annotations, annotation),
        _ => throw new LaunchException($"unsupported fieldPath: {path}"),
    };

    /// <summary>A resource of a container in units of the divisor, rounded up.</summary>
    /// <exception cref="LaunchException">No such container or resource.</exception>
    public static string Read(PodManifest pod, V1Container self, V1ResourceFieldSelector selector, LaunchFacts facts)
    {
        var container = selector.ContainerName is { Length: > 0 } name
            ? pod.Spec.Containers.Concat(pod.Spec.InitContainers ?? []).FirstOrDefault(c => c.Name == name) ?? throw new LaunchException($"container {name} not found")
            : self;
        var cpu = facts.AllocatableMilliCpu / 1000m;
        var amount = selector.Resource switch
        {
            "limits.cpu" => Amount(container.Resources?.Limits, "cpu") ?? cpu,
            "limits.memory" => Amount(container.Resources?.Limits, "memory") ?? facts.AllocatableMemory,
            "limits.ephemeral-storage" => Amount(container.Resources?.Limits, "ephemeral-storage") ?? 0,
            "requests.cpu" => Amount(container.Resources?.Requests, "cpu") ?? 0,
            "requests.memory" => Amount(container.Resources?.Requests, "memory") ?? 0,
            "requests.ephemeral-storage" => Amount(container.Resources?.Requests, "ephemeral-storage") ?? 0,
            _ => throw new LaunchException($"unsupported container resource: {selector.Resource}"),
        };
        var divisor = selector.Divisor?.ToDecimal() is { } d && d > 0 ? d : 1;
        return Math.Ceiling(amount / divisor).ToString("0", System.Globalization.CultureInfo.InvariantCulture);
    }

    private static string Both(string? first, string? second) => second is null ? first ?? "" : $"{first},{second}";

    private static decimal? Amount(IDictionary<string, ResourceQuantity>? list, string name) =>
        list is not null && list.TryGetValue(name, out var quantity) ? quantity.ToDecimal() : null;

    private static string? Key(string path, string map) =>
        path.StartsWith(map + "['", StringComparison.Ordinal) && path.EndsWith("']", StringComparison.Ordinal) ? path[(map.Length + 2)..^2] : null;

    private static string Value(IDictionary<string, string>? map, string key) => map is not null && map.TryGetValue(key, out var value) ? value : "";

    private static string Lines(IDictionary<string, string>? map) =>
        string.Join("\n", (map ?? new Dictionary<string, string>()).OrderBy(p => p.Key, StringComparer.Ordinal)
            .Select(p => $"{p.Key}={System.Text.Json.JsonSerializer.Serialize(p.Value)}"));
}
