using Orchestrator.Actors.Workloads;

namespace Orchestrator.Actors.Scheduling;

/// <summary>Scores nodes for a pod from 0 to 100. A placement changes the score of the node that took the pod only.</summary>
/// <param name="Name">Its name in records of decisions.</param>
/// <param name="Weight">What its scores are multiplied by.</param>
/// <param name="For">Prepares the scores of all nodes for one pod.</param>
internal sealed record Scorer(string Name, int Weight, Func<PodInfo, IReadOnlyList<NodeSnapshot>, Func<NodeSnapshot, double>> For)
{
    /// <summary>A scorer for which nothing needs to be prepared.</summary>
    public Scorer(string name, int weight, Func<PodInfo, NodeSnapshot, double> score)
        : this(name, weight, (pod, _) => node => score(pod, node))
    {
    }
}

/// <summary>The scorers and their weights.</summary>
internal static class Scorers
{
    public static IReadOnlyList<Scorer> All { get; } =
    [
        new("LeastAllocated", 1, (pod, node) => 50 * (2 - Cpu(pod, node) - Memory(pod, node))),
        new("BalancedAllocation", 1, (pod, node) => 100 * (1 - (Math.Abs(Cpu(pod, node) - Memory(pod, node)) / 2))),
        new("NodeAffinity", 2, Preferred),
        new("TaintToleration", 3, (pod, node) => 100.0 / (1 + node.Taints.Count(t =>
            t.Effect == "PreferNoSchedule" && !NodeRequirements.Tolerates(pod.Tolerations, t)))),
        new("ImageLocality", 1, ImageLocality),
        new("SpreadByOwner", 2, (pod, node) => pod.OwnerUid is { } owner && pod.Constraints.Spread.Count == 0
            ? 100.0 / (1 + node.Owners.GetValueOrDefault(owner))
            : 100),
    ];

    // The bytes of its images that need not be pulled, between 23 MB and 1 GB for each container (kube-scheduler, ImageLocality). An image counts the less the
    // fewer nodes have it, or all pods would go where the first one went.
    private static Func<NodeSnapshot, double> ImageLocality(PodInfo pod, IReadOnlyList<NodeSnapshot> nodes)
    {
        const double Least = 23 << 20, Most = 1000 << 20;
        var most = Most * pod.Images.Count;
        var shares = pod.Images.Select(image => (Image: image, Share: (double)nodes.Count(n => n.Images.ContainsKey(image)) / nodes.Count)).Where(i => i.Share > 0).ToArray();
        return shares.Length == 0 ? _ => 0
            : node => 100 * (Math.Clamp(shares.Sum(i => node.Images.GetValueOrDefault(i.Image) * i.Share), Least, most) - Least) / (most - Least);
    }

    private static double Cpu(PodInfo pod, NodeSnapshot node) =>
        Share(node.Requested.Cpu + pod.Requests.Cpu, node.Allocatable.Cpu);

    private static double Memory(PodInfo pod, NodeSnapshot node) =>
        Share(node.Requested.Memory + pod.Requests.Memory, node.Allocatable.Memory);

    private static double Share(long used, long of) => of <= 0 ? 1 : Math.Clamp((double)used / of, 0, 1);

    private static double Preferred(PodInfo pod, NodeSnapshot node)
    {
        var terms = pod.NodeAffinity?.PreferredDuringSchedulingIgnoredDuringExecution;
        if (terms is null or { Count: 0 })
        {
            return 0;
        }

        double all = terms.Sum(t => (long)t.Weight);
        return all <= 0 ? 0 : 100 * terms.Where(t => NodeRequirements.Matches(t.Preference, node.Name, node.Labels)).Sum(t => (long)t.Weight) / all;
    }
}
