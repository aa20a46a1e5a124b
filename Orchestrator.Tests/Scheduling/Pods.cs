using k8s.Models;

namespace Orchestrator.Tests.Scheduling;

/// <summary>Nodes and pods for the scheduler's specs.</summary>
internal static class Pods
{
    /// <summary>A node; labels are written <c>zone=a,disk=ssd</c>. Its label <c>host</c> is its name.</summary>
    public static V1Node NewNode(string name, string labels = "", string cpu = "4") => new()
    {
        Metadata = new() { Name = name, Labels = Labels($"host={name},{labels}") },
        Spec = new(),
        Status = new() { Allocatable = new Dictionary<string, ResourceQuantity> { ["cpu"] = new(cpu), ["memory"] = new("8Gi"), ["pods"] = new("110") } },
    };

    /// <summary>A pod with labels.</summary>
    public static V1Pod Pod(string name, string labels = "", string cpu = "100m", int priority = 0, string ns = "default") => new()
    {
        Metadata = new() { Name = name, NamespaceProperty = ns, Uid = name, Labels = Labels(labels) },
        Spec = new()
        {
            Priority = priority,
            Containers = [new V1Container { Name = "c", Resources = new() { Requests = new Dictionary<string, ResourceQuantity> { ["cpu"] = new(cpu) } } }],
        },
    };

    /// <summary>The pod with required affinity to pods with these labels.</summary>
    public static V1Pod Near(this V1Pod pod, string labels, string key = "zone") => pod.With(near: Term(labels, key));

    /// <summary>The pod with required anti-affinity to pods with these labels.</summary>
    public static V1Pod Apart(this V1Pod pod, string labels, string key = "host") => pod.With(apart: Term(labels, key));

    public static V1Pod With(this V1Pod pod, V1PodAffinityTerm? near = null, V1PodAffinityTerm? apart = null)
    {
        pod.Spec.Affinity ??= new V1Affinity();
        if (near is not null)
        {
            pod.Spec.Affinity.PodAffinity = new() { RequiredDuringSchedulingIgnoredDuringExecution = [near] };
        }

        if (apart is not null)
        {
            pod.Spec.Affinity.PodAntiAffinity = new() { RequiredDuringSchedulingIgnoredDuringExecution = [apart] };
        }

        return pod;
    }

    /// <summary>The pod with a spread constraint over pods with these labels.</summary>
    public static V1Pod Spread(this V1Pod pod, string labels, string key = "zone", int maxSkew = 1, bool isRequired = true, int? minDomains = null, Action<V1TopologySpreadConstraint>? more = null)
    {
        var constraint = new V1TopologySpreadConstraint
        {
            TopologyKey = key,
            MaxSkew = maxSkew,
            WhenUnsatisfiable = isRequired ? "DoNotSchedule" : "ScheduleAnyway",
            LabelSelector = new() { MatchLabels = Labels(labels) },
            MinDomains = minDomains,
        };
        more?.Invoke(constraint);
        pod.Spec.TopologySpreadConstraints = [.. pod.Spec.TopologySpreadConstraints ?? [], constraint];
        return pod;
    }

    public static V1PodAffinityTerm Term(string labels, string key) => new() { TopologyKey = key, LabelSelector = new() { MatchLabels = Labels(labels) } };

    public static Dictionary<string, string> Labels(string text) => text.Split(',', StringSplitOptions.RemoveEmptyEntries).Select(l => l.Split('=')).ToDictionary(l => l[0], l => l[1]);
}
