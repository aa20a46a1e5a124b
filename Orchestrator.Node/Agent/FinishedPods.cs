namespace Orchestrator.Node.Agent;

/// <summary>The uids of the last pods that were removed from a node. A uid is used once, so a message that wants such a pod is late, from a gateway
/// that is gone or whose cache is behind, and starts nothing.</summary>
internal sealed class FinishedPods
{
    private const int Capacity = 10_000;
    private readonly HashSet<string> _uids = [];
    private readonly Queue<string> _order = new();

    /// <summary>Adds a pod, and forgets the oldest one if there are too many.</summary>
    public void Add(string uid)
    {
        if (_uids.Add(uid))
        {
            _order.Enqueue(uid);
            if (_order.Count > Capacity)
            {
                _uids.Remove(_order.Dequeue());
            }
        }
    }

    /// <summary>Whether a pod is among them.</summary>
    public bool Contains(string uid) => _uids.Contains(uid);
}
