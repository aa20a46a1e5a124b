using Orchestrator.Actors.Workloads;

namespace Orchestrator.Actors.Scheduling;

/// <summary>Scores a node for a pod from 0 to 100. It looks at one node alone, so that a placement changes the score of that node only.</summary>
internal sealed record Scorer(string Name, int Weight, Func<PodInfo, NodeSnapshot, double> Score);

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
        new("ImageLocality", 1, Present),
        new("SpreadByOwner", 2, (pod, node) => pod.OwnerUid is { } owner && pod.Constraints.Spread.Count == 0
            ? 100.0 / (1 + node.Owners.GetValueOrDefault(owner))
            : 100),
    ];

    // The bytes of its images that need not be pulled, between 23 MB and 1 GB for each container (kube-scheduler, ImageLocality).
    private static double Present(PodInfo pod, NodeSnapshot node)
    {
        if (node.Images.IsEmpty || pod.Images.Count == 0)
        {
            return 0;
        }

        const double Least = 23 << 20, Most = 1000 << 20;
        double present = pod.Images.Sum(image => node.Images.GetValueOrDefault(image));
        return 100 * (Math.Clamp(present, Least, Most * pod.Images.Count) - Least) / ((Most * pod.Images.Count) - Least);
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
