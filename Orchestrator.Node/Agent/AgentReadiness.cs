namespace Orchestrator.Node.Agent;

/// <summary>Readiness of the agents of a host: it is ready when each of its nodes is registered and receives its pods. Thread-safe.</summary>
internal sealed class AgentReadiness
{
    private readonly Lock _lock = new();
    private readonly Dictionary<string, string> _waiting = [];
    private readonly TaskCompletionSource _ready = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <param name="nodes">Names of the host's nodes.</param>
    public AgentReadiness(IEnumerable<string> nodes)
    {
        foreach (var node in nodes)
        {
            _waiting[node] = "it has not registered yet";
        }

        if (_waiting.Count == 0)
        {
            _ready.SetResult();
        }
    }

    /// <summary>Completes when every node has been ready once.</summary>
    public Task AllReady => _ready.Task;

    /// <summary>What the host waits for; null if all nodes are ready.</summary>
    public string? WaitsFor
    {
        get
        {
            lock (_lock)
            {
                var first = _waiting.OrderBy(w => w.Key, StringComparer.Ordinal).FirstOrDefault();
                return first.Key is null ? null : _waiting.Count == 1 ? $"node {first.Key}: {first.Value}" : $"{_waiting.Count} nodes, such as {first.Key}: {first.Value}";
            }
        }
    }

    /// <summary>Marks a node as registered and receiving its pods.</summary>
    public void Ready(string node)
    {
        lock (_lock)
        {
            _waiting.Remove(node);
            if (_waiting.Count == 0)
            {
                _ready.TrySetResult();
            }
        }
    }

    /// <summary>Sets why a node is not ready yet.</summary>
    public void Waits(string node, string why)
    {
        lock (_lock)
        {
            if (_waiting.ContainsKey(node))
            {
                _waiting[node] = why;
            }
        }
    }
}
