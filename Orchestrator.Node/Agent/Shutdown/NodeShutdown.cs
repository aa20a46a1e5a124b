using Akka.Actor;

namespace Orchestrator.Node.Agent.Shutdown;

/// <summary>Whether the machine of this host shuts down. Whoever hears of it says so here; agents follow it, and end their pods. Thread-safe; lives as long as the process.</summary>
/// <param name="settings">How pods end.</param>
internal sealed class NodeShutdown(ShutdownSettings settings)
{
    // What is not done by then is not waited for: the machine goes down anyway.
    private static readonly TimeSpan Slack = TimeSpan.FromSeconds(5);
    private readonly Lock _lock = new();
    private readonly HashSet<IActorRef> _followers = [];
    private readonly HashSet<IActorRef> _busy = [];
    private TaskCompletionSource? _ended;

    /// <summary>How pods end.</summary>
    public ShutdownSettings Settings => settings;

    /// <summary>The machine shuts down.</summary>
    /// <returns>Completes when the pods of all nodes of this host have ended, or their time is over.</returns>
    public Task BeginAsync()
    {
        lock (_lock)
        {
            if (_ended is null)
            {
                _ended = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
                _busy.UnionWith(_followers);
                _busy.ToList().ForEach(f => f.Tell(ShutdownActor.Begin.Instance));
                EndIfIdle();
            }

            return Task.WhenAny(_ended.Task, Task.Delay(settings.Total + Slack));
        }
    }

    /// <summary>The machine does not shut down after all: its nodes take pods again.</summary>
    public void Cancel()
    {
        lock (_lock)
        {
            if (_ended is not null)
            {
                _ended.TrySetResult();
                _ended = null;
                _busy.Clear();
                _followers.ToList().ForEach(f => f.Tell(ShutdownActor.Cancel.Instance));
            }
        }
    }

    /// <summary>An agent follows from now on.</summary>
    public void Follow(IActorRef agent)
    {
        lock (_lock)
        {
            _followers.Add(agent);
            if (_ended is not null)
            {
                _busy.Add(agent);
                agent.Tell(ShutdownActor.Begin.Instance);
            }
        }
    }

    /// <summary>An agent is gone.</summary>
    public void Leave(IActorRef agent)
    {
        lock (_lock)
        {
            _followers.Remove(agent);
            Done(agent);
        }
    }

    /// <summary>The pods of an agent have ended.</summary>
    public void Done(IActorRef agent)
    {
        lock (_lock)
        {
            _busy.Remove(agent);
            EndIfIdle();
        }
    }

    private void EndIfIdle()
    {
        if (_busy.Count == 0)
        {
            _ended?.TrySetResult();
        }
    }
}
