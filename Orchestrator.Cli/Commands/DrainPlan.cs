using System.Text.Json.Nodes;

namespace Orchestrator.Cli.Commands;

/// <summary>Decides which pods of a node a drain evicts.</summary>
/// <param name="Evict">Pods to evict.</param>
/// <param name="Keep">Pods to keep, because their DaemonSet would create them again.</param>
/// <param name="Refusals">Why the drain is refused; empty if it is not.</param>
internal sealed record DrainPlan(IReadOnlyList<JsonObject> Evict, IReadOnlyList<JsonObject> Keep, IReadOnlyList<string> Refusals)
{
    public static DrainPlan Of(IEnumerable<JsonObject> pods, bool ignoresDaemonSets, bool deletesEmptyDirs, bool isForced)
    {
        var (evict, keep, refusals) = (new List<JsonObject>(), new List<JsonObject>(), new List<string>());
        foreach (var pod in pods)
        {
            var name = $"{pod.Namespace()}/{pod.Name()}";
            var owner = pod.Items("metadata", "ownerReferences").FirstOrDefault(r => r.Flag("controller"));
            var isOver = pod.Text("status", "phase") is "Succeeded" or "Failed";
            if (pod.Text("metadata", "annotations", "kubernetes.io/config.mirror") is not null)
            {
                keep.Add(pod);
            }
            else if (owner.Text("kind") == "DaemonSet" && !isOver)
            {
                keep.Add(pod);
                if (!ignoresDaemonSets)
                {
                    refusals.Add($"{name} belongs to a DaemonSet (--ignore-daemonsets leaves it)");
                }
            }
            else
            {
                evict.Add(pod);
                if (!isOver && !isForced && owner is null)
                {
                    refusals.Add($"{name} has no controller to replace it (--force deletes it)");
                }

                if (!isOver && !deletesEmptyDirs && pod.Items("spec", "volumes").Any(v => v.ContainsKey("emptyDir")))
                {
                    refusals.Add($"{name} has local data in an emptyDir (--delete-emptydir-data loses it)");
                }
            }
        }

        return new DrainPlan(evict, keep, refusals);
    }
}
