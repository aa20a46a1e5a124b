using Orchestrator.Actors.Scheduling.Preemption;

namespace Orchestrator.Actors.Scheduling;

/// <summary>One pass over all pods that wait: the nodes as they fill up. Not thread-safe.</summary>
internal sealed class SchedulingPass
{
    private readonly ClusterSnapshot _cluster;
    private readonly NodeSnapshot[] _nodes;
    private readonly Preemptor? _preemptor;
    private readonly List<Placement> _placements = [];
    private readonly List<Unschedulable> _unschedulable = [];
    private readonly List<PreemptionPlan> _preemptions = [];
    private readonly HashSet<int> _touched = [];
    private readonly HashSet<string> _taken = [];
    private readonly bool _isLast;

    /// <summary>Begins with the nodes that are known.</summary>
    /// <param name="cluster">Nodes and their pods.</param>
    /// <param name="victims">What is known of pods that may have to go; null if none may.</param>
    /// <param name="isLast">Whether pods may go for one with constraints: before, others may still be placed that it waits for.</param>
    public SchedulingPass(ClusterSnapshot cluster, VictimFacts? victims, bool isLast)
    {
        _isLast = isLast;
        _cluster = cluster;
        _nodes = [.. cluster.Nodes.Values.Where(n => n.Known).OrderBy(n => n.Name, StringComparer.Ordinal)];
        _preemptor = victims is null ? null : new Preemptor(_nodes, victims);
    }

    /// <summary>Places pods that are all alike, as many as fit. For what is left a node is freed, if one can be, and its room is kept from those that come after.</summary>
    public void Place(PodInfo[] pods)
    {
        if (pods[0].Volumes?.Beside(_taken).Refusal is { } refusal)
        {
            _unschedulable.AddRange(pods.Select(p => new Unschedulable(p, Diagnosis.OfPod(refusal, "VolumeBinding", _nodes.Length), null, IsConstrained: false)));
            return;
        }

        var placer = NodeChoice.For(pods[0], _nodes, _cluster.Namespaces);
        var placed = 0;
        for (; placed < pods.Length && placer.Best() is { } best; placed++)
        {
            var pod = pods[placed];
            _placements.Add(new(pod, _nodes[best.Node].Name, placer.Scores(best.Node), best.Score));
            _nodes[best.Node] = _nodes[best.Node].WithPod(pod);
            _touched.Add(best.Node);
            _taken.UnionWith(pod.Volumes?.Alone ?? []); // by a pod that got a node: one that fits nowhere keeps no other from its claim
            placer.Took(best.Node);
        }

        if (placed == pods.Length)
        {
            return;
        }

        var why = Diagnosis.Of(_nodes, placer.Ask);
        var nominated = _preemptor?.Free(pods[placed..], placer, _isLast || !placer.LooksAtAllNodes, _preemptions) ?? [];
        var stuck = _preemptor is null ? why : why.WithoutVictims(pods[0]);
        _unschedulable.AddRange(pods[placed..].Select(pod => nominated.GetValueOrDefault(pod.Uid) is { } node
            ? new Unschedulable(pod, why, node, placer.LooksAtAllNodes) : new Unschedulable(pod, stuck, null, placer.LooksAtAllNodes)));
    }

    /// <summary>Returns all decisions.</summary>
    public SchedulingResult Finish()
    {
        var after = _cluster.Nodes.SetItems(_touched.Select(i => KeyValuePair.Create(_nodes[i].Name, _preemptor?.WithoutKept(_nodes[i]) ?? _nodes[i])));
        return new(_placements, _unschedulable, _preemptions, _cluster with { Nodes = after });
    }
}
