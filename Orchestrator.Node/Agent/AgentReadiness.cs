namespace Orchestrator.Node.Agent;

/// <summary>How far the agents of a host are: its nodes are ready when each is registered and gets its pods. Safe to call from any thread.</summary>
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

    /// <summary>Completes when all nodes were ready once.</summary>
    public Task AllReady => _ready.Task;

    /// <summary>What is waited for, in a sentence; null when all are ready.</summary>
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

    /// <summary>A node is registered and gets its pods.</summary>
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

    /// <summary>A node that was not ready yet waits for something.</summary>
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
