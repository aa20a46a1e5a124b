using Orchestrator.Actors.Api;
using Orchestrator.Actors.Feed;
using Orchestrator.Actors.Kinds.CSIDrivers;
using Orchestrator.Actors.Kinds.PersistentVolumeClaims;
using Orchestrator.Actors.Kinds.PersistentVolumes;
using Orchestrator.Actors.Kinds.VolumeAttachments;
using Orchestrator.Actors.Kinds.Pods;
using Orchestrator.Actors.Workloads;
using k8s.Models;

namespace Orchestrator.Actors.Kinds.Nodes;

/// <summary>Builds the messages to node agents. Pure.</summary>
internal static class NodeFeed
{
    /// <summary>Returns what an agent lacks, and what it knows although it is gone.</summary>
    public static DesiredPods Answer(AttachAgent attach, IClusterView view)
    {
        var bound = view.Indexed(IndexKey.Node(attach.Node));
        var ranges = view.Find(NodeDefinition.Instance.Key(null, attach.Node)) is { } node ? NodeRanges.Of(node.As<V1Node>()) : [];
        var uids = bound.Select(p => p.Uid).ToHashSet();
        return new DesiredPods(
            [.. bound.Where(p => attach.Held.GetValueOrDefault(p.Uid) < p.Revision)],
            [.. attach.Held.Keys.Where(uid => !uids.Contains(uid))],
            IsComplete: true,
            Doomed: [.. view.Indexed(IndexKey.Reference(NodeDefinition.Instance.Key(null, attach.Node))).Where(IsDoomed)],
            PodCidr: ranges.FirstOrDefault(),
            Work: [.. CsiWork.Of(attach.Node, view)],
            SecondPodCidr: ranges.ElementAtOrDefault(1));
    }

    /// <summary>Returns the changed pods of a batch by node, and those that show something that has changed.</summary>
    /// <param name="batch">The batch.</param>
    /// <param name="view">All objects, the batch included.</param>
    /// <param name="isAttached">Whether the agent of a node is attached; others get everything when they attach.</param>
    public static IEnumerable<(string Node, DesiredPods Pods)> Of(FeedBatch batch, IClusterView view, Func<string, bool> isAttached)
    {
        Dictionary<string, News> news = [];
        foreach (var change in batch.Changes)
        {
            if (change.Object.Kind != PodDefinition.Instance)
            {
                foreach (var pod in view.Indexed(IndexKey.Reference(change.Object.Key)).Where(o => o.Kind == PodDefinition.Instance))
                {
                    Of(pod)?.Reread.Add(pod.Uid);
                }

                if (change.Object.Kind == NodeDefinition.Instance && NodeRanges.Of(change.Object.As<V1Node>()) is { Count: > 0 } ranges && On(change.Object.Name) is { } addressed)
                {
                    addressed.Ranges = ranges;
                }

                Volumes(change);
                if (IsDoomed(change.Object) && change.Type != "DELETED")
                {
                    On(change.Object.References.FirstOrDefault(r => r.Resource == NodeDefinition.Instance.Resource)?.Name)?.Doomed.Add(change.Object);
                }

                continue;
            }

            if (Of(change.Object) is not { } entry)
            {
                continue;
            }

            if (change.Type == "DELETED")
            {
                entry.Changed.Remove(change.Object.Uid);
                entry.Gone.Add(change.Object.Uid);
            }
            else
            {
                entry.Changed[change.Object.Uid] = change.Object;
            }
        }

        return news.Select(n => (n.Key, new DesiredPods([.. n.Value.Changed.Values], [.. n.Value.Gone], IsComplete: false, [.. n.Value.Reread], [.. n.Value.Doomed], n.Value.Ranges.FirstOrDefault(), [.. n.Value.Work], n.Value.Ranges.ElementAtOrDefault(1))));

        News? Of(KubeObject pod) => On(pod.NodeName);

        News? On(string? node) => node is not { Length: > 0 } || !isAttached(node) ? null
            : news.TryGetValue(node, out var known) ? known : news[node] = new News([], [], [], [], []);

        // What drivers are to be asked for, and who waits for an attachment.
        void Volumes(ObjectChange change)
        {
            var item = change.Object;
            if (change.Type != "DELETED" && CsiWork.NodeOf(item, view) is { } node)
            {
                On(node)?.Work.Add(item);
            }

            if (item.Kind != VolumeAttachmentDefinition.Instance || item.References.FirstOrDefault(r => r.Resource == PersistentVolumeDefinition.Instance.Resource) is not { } key || view.Find(key) is not { } volume)
            {
                return;
            }

            foreach (var pod in volume.References.Where(r => r.Resource == PersistentVolumeClaimDefinition.Instance.Resource).SelectMany(r => view.Indexed(IndexKey.Reference(r))).Where(o => o.Kind == PodDefinition.Instance))
            {
                Of(pod)?.Reread.Add(pod.Uid);
            }

            // The last attachment of a volume was in the way of its deletion.
            if (change.Type == "DELETED" && CsiWork.NodeOf(volume, view) is { } keeper)
            {
                On(keeper)?.Work.Add(volume);
            }
        }
    }

    private static bool IsDoomed(KubeObject item) => item.Kind == PersistentVolumeDefinition.Instance && LocalVolumes.IsDoomed(item);

    private sealed record News(Dictionary<string, KubeObject> Changed, HashSet<string> Gone, HashSet<string> Reread, List<KubeObject> Doomed, List<KubeObject> Work)
    {
        public IReadOnlyList<string> Ranges { get; set; } = [];
    }
}
