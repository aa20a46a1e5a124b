using Orchestrator.Actors.Scheduling.Preemption;

namespace Orchestrator.Actors.Scheduling;

/// <summary>One pass over all pods that wait: the nodes as they fill up. Not thread-safe.</summary>
internal sealed class SchedulingPass
{
    private readonly ClusterSnapshot _cluster;
    private readonly NodeSnapshot[] _nodes;
    private readonly Dictionary<string, int> _index;
    private readonly HashSet<int> _touched = [];
    private readonly List<Placement> _placements = [];
    private readonly List<Unschedulable> _unschedulable = [];
    private readonly List<(int Node, PodInfo Pod)> _reserved = [];

    /// <summary>Begins with the nodes that are known.</summary>
    public SchedulingPass(ClusterSnapshot cluster)
    {
        _cluster = cluster;
        _nodes = [.. cluster.Nodes.Values.Where(n => n.Known).OrderBy(n => n.Name, StringComparer.Ordinal)];
        _index = _nodes.Select((n, i) => (n.Name, i)).ToDictionary(n => n.Name, n => n.i);
    }

    /// <summary>Places pods that are all alike, as many as fit. What is left keeps the room on the node that is being freed for it from those that come after.</summary>
    public void Place(PodInfo[] pods)
    {
        var placer = NodeChoice.For(pods[0], _nodes, _cluster.Namespaces);
        var placed = 0;
        for (; placed < pods.Length && placer.Best() is { } best; placed++)
        {
            var pod = pods[placed];
            _placements.Add(new(pod, _nodes[best.Node].Name, placer.Scores(best.Node), best.Score));
            _nodes[best.Node] = _nodes[best.Node].WithPod(pod);
            _touched.Add(best.Node);
            placer.Took(best.Node);
        }

        if (placed == pods.Length)
        {
            return;
        }

        var why = Diagnosis.Of(_nodes, placer.Ask);
        foreach (var pod in pods[placed..])
        {
            _unschedulable.Add(new Unschedulable(pod, why));
            if (pod.NominatedNode is { } name && _index.TryGetValue(name, out var node))
            {
                Reserve(node, pod);
            }
        }
    }

    /// <summary>Looks for pods that may go for those that found no node, and returns all decisions.</summary>
    public SchedulingResult Finish(VictimFacts? victims)
    {
        var preemptions = victims is null ? [] : new Preemptor(_nodes, _cluster.Namespaces, victims, [.. _reserved.Select(r => r.Pod.Uid)]).Plan([.. _unschedulable.Select(u => u.Pod)]);
        foreach (var (node, pod) in _reserved)
        {
            _nodes[node] = _nodes[node].WithoutPod(pod.Uid);
        }

        var after = _cluster.Nodes.SetItems(_touched.Select(i => KeyValuePair.Create(_nodes[i].Name, _nodes[i])));
        return new(_placements, _unschedulable, preemptions, _cluster with { Nodes = after });
    }

    private void Reserve(int node, PodInfo pod)
    {
        _nodes[node] = _nodes[node].WithPod(pod);
        _reserved.Add((node, pod));
    }
}
