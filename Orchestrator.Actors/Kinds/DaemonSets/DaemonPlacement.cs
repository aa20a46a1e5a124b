using k8s.Models;
using Orchestrator.Actors.Workloads;

namespace Orchestrator.Actors.Kinds.DaemonSets;

/// <summary>Which nodes a daemon set's pods belong on (Kubernetes, "DaemonSet", how daemon pods are scheduled).</summary>
internal static class DaemonPlacement
{
    /// <summary>Tolerations that every daemon pod has: a node in trouble needs its daemons.</summary>
    private static readonly V1Toleration[] Always =
    [
        Tolerate("node.kubernetes.io/not-ready", "NoExecute"),
        Tolerate("node.kubernetes.io/unreachable", "NoExecute"),
        Tolerate("node.kubernetes.io/disk-pressure", "NoSchedule"),
        Tolerate("node.kubernetes.io/memory-pressure", "NoSchedule"),
        Tolerate("node.kubernetes.io/pid-pressure", "NoSchedule"),
        Tolerate("node.kubernetes.io/unschedulable", "NoSchedule"),
    ];

    private static readonly V1Toleration WithoutNetwork = Tolerate("node.kubernetes.io/network-unavailable", "NoSchedule");

    /// <summary>The template's tolerations and those that daemon pods always have.</summary>
    public static IReadOnlyList<V1Toleration> Tolerations(V1PodSpec template) =>
    [
        .. template.Tolerations ?? [],
        .. Always.Concat(template.HostNetwork == true ? [WithoutNetwork] : []).Where(a => template.Tolerations?.Any(t => t.Key == a.Key && t.Effect == a.Effect && t.OperatorProperty == a.OperatorProperty) != true),
    ];

    /// <summary>Whether a pod of the template should be on a node, and whether one that is there may stay.</summary>
    public static (bool ShouldRun, bool MayStay) On(V1Node node, V1PodSpec template, IReadOnlyList<V1Toleration> tolerations)
    {
        if (!IsSelected(node, template))
        {
            return (false, false);
        }

        var untolerated = (node.Spec?.Taints ?? []).Where(t => t.Effect is "NoSchedule" or "NoExecute" && !NodeRequirements.Tolerates(tolerations, t)).ToList();
        return (untolerated.Count == 0, untolerated.All(t => t.Effect != "NoExecute"));
    }

    /// <summary>The affinity of a pod that no other node may run: that of the template, whose required terms choose the node already.</summary>
    public static V1Affinity AffinityTo(string node, V1Affinity? template) => new()
    {
        PodAffinity = template?.PodAffinity,
        PodAntiAffinity = template?.PodAntiAffinity,
        NodeAffinity = new V1NodeAffinity
        {
            PreferredDuringSchedulingIgnoredDuringExecution = template?.NodeAffinity?.PreferredDuringSchedulingIgnoredDuringExecution,
            RequiredDuringSchedulingIgnoredDuringExecution = new V1NodeSelector
            {
                NodeSelectorTerms = [new V1NodeSelectorTerm { MatchFields = [new V1NodeSelectorRequirement { Key = "metadata.name", OperatorProperty = "In", Values = [node] }] }],
            },
        },
    };

    /// <summary>The node that a pod waits for; null if it waits for none in particular.</summary>
    public static string? Target(V1Affinity? affinity) => affinity?.NodeAffinity?.RequiredDuringSchedulingIgnoredDuringExecution?.NodeSelectorTerms?
        .SelectMany(t => t.MatchFields ?? []).FirstOrDefault(f => f is { Key: "metadata.name", OperatorProperty: "In", Values: [_] })?.Values[0];

    private static bool IsSelected(V1Node node, V1PodSpec template)
    {
        var labels = node.Metadata.Labels is { } l ? l.AsReadOnly() : new Dictionary<string, string>().AsReadOnly();
        var terms = template.Affinity?.NodeAffinity?.RequiredDuringSchedulingIgnoredDuringExecution?.NodeSelectorTerms;
        return (string.IsNullOrEmpty(template.NodeName) || template.NodeName == node.Metadata.Name)
            && (template.NodeSelector ?? new Dictionary<string, string>()).All(s => labels.TryGetValue(s.Key, out var value) && value == s.Value)
            && (terms is null || terms.Any(t => NodeRequirements.Matches(t, node.Metadata.Name, labels)));
    }

    private static V1Toleration Tolerate(string key, string effect) => new() { Key = key, OperatorProperty = "Exists", Effect = effect };
}
