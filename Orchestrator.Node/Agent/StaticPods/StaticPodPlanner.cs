using Orchestrator.Actors.Api;
using Orchestrator.Actors.Entities;

namespace Orchestrator.Node.Agent.StaticPods;

/// <summary>Compares the pods that files ask for with those that are there. Pure.</summary>
internal static class StaticPodPlanner
{
    /// <summary>The commands that bring them together. A pod whose file has changed is deleted, and created again once it is gone.</summary>
    /// <param name="wanted">What the files ask for.</param>
    /// <param name="pods">All pods of the node.</param>
    /// <param name="by">The agent.</param>
    public static IReadOnlyList<ObjectCommand> Plan(IReadOnlyList<StaticPod> wanted, IReadOnlyCollection<KubeObject> pods, UserInfo by)
    {
        var there = pods.ToDictionary(p => p.Key);
        return
        [
            .. pods.Where(p => !p.IsDeleting && StaticPodFiles.IsStatic(p) && wanted.FirstOrDefault(w => w.Key == p.Key)?.Hash != HashOf(p)).Select(p => new DeleteObject(p.Key, by, ExpectedUid: p.Uid)),
            .. wanted.Where(w => !there.ContainsKey(w.Key)).Select(w => new CreateObject(w.Key, w.Object, by)),
        ];
    }

    private static string? HashOf(KubeObject pod) => (string?)pod.ToNode()["metadata"]?["annotations"]?[StaticPodFiles.Hash];
}
